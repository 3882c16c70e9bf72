#include "daemon/project/git_facts_cache.h"

#include <sys/stat.h>

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/project/git_command.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

using ::testing::SizeIs;

// A repository whose git is a script that counts how often it is started.
class GitFactsCacheTest : public ::testing::Test {
 protected:
  GitFactsCacheTest() {
    files_.Write("bin/git", absl::StrCat("#!/bin/sh\necho >> ", (files_.root() / "calls").native(),
                                         "\nPATH=/usr/bin:/bin exec git \"$@\"\n"));
    ::chmod((files_.root() / "bin/git").c_str(), 0755);
    environment_ = {{"HOME", (files_.root() / "home").native()},
                    {"PATH", (files_.root() / "bin").native() + ":/usr/bin:/bin"}};
    files_.Write("home/.gitconfig", "[user]\nname=n\nemail=e@example.com\n");
    files_.Write("repo/file", "");
    Git({"init", "-q", "-b", "main"});
    Commit();
  }

  std::filesystem::path Repo() const { return files_.root() / "repo"; }
  std::string Git(const std::vector<std::string>& arguments) {
    const EnvironmentMap plain = {{"HOME", environment_["HOME"]}, {"PATH", "/usr/bin:/bin"}};
    const absl::StatusOr<std::string> output = RunGit({Repo(), plain}, arguments);
    EXPECT_TRUE(output.ok()) << output.status();
    return output.ok() ? std::string(absl::StripAsciiWhitespace(*output)) : "";
  }
  std::string Commit() {
    Git({"commit", "-q", "--allow-empty", "-m", "x"});
    return Git({"rev-parse", "HEAD"});
  }
  GitFacts Get() { return cache_.Get(Repo(), environment_); }
  // Asks until the answer comes without git, as it does once the files' times are past.
  void Settle() {
    for (int before = -1; before != Calls(); Get()) before = Calls(), Get();
  }
  int Calls() const {
    std::error_code error;
    const auto size = std::filesystem::file_size(files_.root() / "calls", error);
    return error ? 0 : static_cast<int>(size);
  }

  TemporaryProject files_;
  EnvironmentMap environment_;
  GitFactsCache cache_;
};

TEST_F(GitFactsCacheTest, KnowsCommitBranchAndRemoteWithoutItsToken) {
  Git({"remote", "add", "origin", "https://user:token@example.com/shop.git"});

  const GitFacts facts = Get();

  EXPECT_EQ(facts.branch, "main");
  EXPECT_EQ(facts.commit, Git({"rev-parse", "HEAD"}));
  EXPECT_THAT(facts.commit, SizeIs(40));
  EXPECT_EQ(facts.repository, "https://example.com/shop.git");
}

TEST_F(GitFactsCacheTest, DoesNotAskAgainWhileNothingChanges) {
  Settle();
  const int calls = Calls();

  for (int i = 0; i < 10; ++i) EXPECT_EQ(Get().branch, "main");

  EXPECT_EQ(Calls(), calls);
}

TEST_F(GitFactsCacheTest, IsNeverBehindACommit) {
  for (int i = 0; i < 20; ++i) {
    const std::string commit = Commit();
    EXPECT_EQ(Get().commit, commit);
  }
  Settle();
  const std::string commit = Commit();
  EXPECT_EQ(Get().commit, commit);
}

TEST_F(GitFactsCacheTest, SeesBranchesResetsAndPackedReferences) {
  const std::string first = Git({"rev-parse", "HEAD"});
  const std::string second = Commit();
  Settle();
  Git({"checkout", "-q", "-b", "topic/one"});
  EXPECT_EQ(Get().branch, "topic/one");
  Settle();
  Git({"reset", "-q", "--hard", first});
  EXPECT_EQ(Get().commit, first);
  Settle();
  Git({"pack-refs", "--all"});
  EXPECT_EQ(Get().commit, first);
  Settle();
  Git({"update-ref", "refs/heads/topic/one", second});
  EXPECT_EQ(Get().commit, second);
  Settle();
  Git({"checkout", "-q", "--detach", first});
  EXPECT_EQ(Get().branch, "HEAD");
  EXPECT_EQ(Get().commit, first);
}

TEST_F(GitFactsCacheTest, SeesTheRemoteInAnyFileThatGitReads) {
  EXPECT_EQ(Get().repository, "unknown");
  Settle();
  files_.Write(
      "home/.gitconfig",
      "[user]\nname=n\nemail=e@example.com\n[include]\npath=more\n[include]\npath=~/gone\n");
  files_.Write("home/more", "[remote \"origin\"]\nurl=from-include\n");
  EXPECT_EQ(Get().repository, "from-include");
  Settle();
  files_.Write("home/more", "[remote \"origin\"]\nurl=from-the-same\n");
  EXPECT_EQ(Get().repository, "from-the-same");
  Settle();
  files_.Write("home/gone", "[remote \"origin\"]\nurl=from-the-missing\n");
  EXPECT_EQ(Get().repository, "from-the-missing");
  Settle();
  files_.Write("home/.config/git/config", "[x]\ny=z\n");
  files_.Write("home/more", "").Write("home/gone", "");
  EXPECT_EQ(Get().repository, "unknown");
}

TEST_F(GitFactsCacheTest, FollowsAReferenceToAReference) {
  Git({"branch", "other"});
  Git({"symbolic-ref", "refs/heads/alias", "refs/heads/other"});
  Git({"symbolic-ref", "HEAD", "refs/heads/alias"});
  Get();
  const std::string commit = Commit();
  EXPECT_EQ(Get().commit, commit);
}

TEST_F(GitFactsCacheTest, KnowsWorktrees) {
  Git({"worktree", "add", "-q", "-b", "side", (files_.root() / "side").native()});
  EXPECT_EQ(cache_.Get(files_.root() / "side", environment_).branch, "side");
  const EnvironmentMap plain = {{"HOME", environment_["HOME"]}, {"PATH", "/usr/bin:/bin"}};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(
        RunGit({files_.root() / "side", plain}, {"commit", "-q", "--allow-empty", "-m", "y"}).ok());
    EXPECT_EQ(cache_.Get(files_.root() / "side", environment_).commit, Git({"rev-parse", "side"}));
  }
}

TEST_F(GitFactsCacheTest, KnowsTheBranchBeforeTheFirstCommit) {
  files_.Write("fresh/file", "");
  const EnvironmentMap plain = {{"PATH", "/usr/bin:/bin"}};
  ASSERT_TRUE(RunGit({files_.root() / "fresh", plain}, {"init", "-q", "-b", "trunk"}).ok());
  const GitFacts facts = cache_.Get(files_.root() / "fresh", environment_);
  EXPECT_EQ(facts.branch, "trunk");
  EXPECT_EQ(facts.commit, "unknown");
}

TEST_F(GitFactsCacheTest, NoticesARepositoryThatAppearsFurtherIn) {
  files_.Write("repo/inner/file", "");
  const auto inner = [&] { return cache_.Get(Repo() / "inner", environment_); };
  EXPECT_EQ(inner().branch, "main");
  const EnvironmentMap plain = {{"PATH", "/usr/bin:/bin"}};
  ASSERT_TRUE(RunGit({Repo() / "inner", plain}, {"init", "-q", "-b", "trunk"}).ok());
  EXPECT_EQ(inner().branch, "trunk");
}

TEST_F(GitFactsCacheTest, IsUnknownOutsideOfARepositoryAndWithoutGit) {
  files_.Write("elsewhere/file", "");
  EXPECT_EQ(cache_.Get(files_.root() / "elsewhere", environment_).commit, "unknown");
  EXPECT_EQ(cache_.Get(Repo(), {{"PATH", "/nowhere"}}).commit, "unknown");
}

}  // namespace
}  // namespace nopo
