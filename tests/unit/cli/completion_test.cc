#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/described_project.h"

namespace nopo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::vector<std::string> References(const std::string&) { return {"main", "origin/main", "v1"}; }

Completion Complete(const std::vector<std::string>& words) {
  return CompleteWords(
      words, [](const std::string&) { return DescribedProject(); }, References);
}

std::vector<std::string> TextsOf(const Completion& completion) {
  std::vector<std::string> texts;
  for (const Candidate& candidate : completion.candidates) texts.push_back(candidate.text);
  return texts;
}

std::vector<std::string> Texts(const std::vector<std::string>& words) {
  return TextsOf(Complete(words));
}

TEST(CompletionTest, OffersBuiltInsAndTheProjectsCommandsFirst) {
  EXPECT_THAT(Texts({""}), IsSupersetOf({"up", "down", "graph", "help", "check", "lint"}));
  EXPECT_THAT(Texts({"l"}), ElementsAre("list", "logs", "lint"));
}

TEST(CompletionTest, OffersNeitherNestedCommandsNorOnesHiddenByABuiltInAtFirst) {
  EXPECT_THAT(Texts({""}), Not(Contains("check:py")));
  EXPECT_THAT(Texts({"lis"}), ElementsAre("list"));
  EXPECT_THAT(Texts({"command", "li"}), ElementsAre("lint", "list"));
}

TEST(CompletionTest, OffersTargetsThatAreNotTypedYet) {
  EXPECT_THAT(Texts({"build", ""}), ElementsAre("api", "lib", "web"));
  EXPECT_THAT(Texts({"build", "api", "--no-cache", "w"}), ElementsAre("web"));
  EXPECT_THAT(Texts({"build", "api", "web", ""}), ElementsAre("lib"));
}

TEST(CompletionTest, OffersOnlyServicesWhereOnlyTheyAreTaken) {
  for (const char* verb : {"up", "watch", "down", "pull", "status", "logs"}) {
    EXPECT_THAT(Texts({verb, ""}), ElementsAre("api", "web")) << verb;
  }
}

TEST(CompletionTest, OffersSubCommandsAndTheTargetsThatHaveTheCommand) {
  EXPECT_THAT(Texts({"check", ""}), ElementsAre("py", "types", "api", "web"));
  EXPECT_THAT(Texts({"check", "types", ""}), ElementsAre("ts", "web"));
  EXPECT_THAT(Texts({"run", "check", "py", ""}), ElementsAre("api"));
  EXPECT_THAT(Texts({"check", "api", ""}), ElementsAre("web"));
}

TEST(CompletionTest, OffersServicesToEnterAndNothingOfTheCommandThere) {
  EXPECT_THAT(Texts({"exec", ""}), ElementsAre("api", "web"));
  EXPECT_THAT(Texts({"exec", "-u", "root", "w"}), ElementsAre("web"));
  EXPECT_THAT(Texts({"exec", "web", "--work"}), ElementsAre("--workdir"));
  EXPECT_THAT(Texts({"exec", "web", ""}), IsEmpty());
  EXPECT_THAT(Texts({"exec", "web", "ls", "--"}), IsEmpty());
  EXPECT_THAT(Texts({"exec", "web", "--", "a"}), IsEmpty());
}

TEST(CompletionTest, OffersNothingBehindAnUnknownCommand) {
  EXPECT_THAT(Texts({"nonsense", ""}), IsEmpty());
}

TEST(CompletionTest, OffersTheWordsOfVerbsWithFixedOnes) {
  EXPECT_THAT(Texts({"daemon", "st"}), ElementsAre("start", "stop", "status"));
  EXPECT_THAT(Texts({"completion", ""}), ElementsAre("bash", "zsh", "fish"));
  EXPECT_THAT(Texts({"daemon", "stop", ""}), IsEmpty());
  EXPECT_THAT(Texts({"help", "ch"}), ElementsAre("check"));
  EXPECT_THAT(Texts({"help", "check", ""}), ElementsAre("py", "types"));
}

TEST(CompletionTest, OffersTheOptionsOfTheVerbOnly) {
  EXPECT_THAT(Texts({"up", "--no-"}), IsSupersetOf({"--no-deps", "--no-wait", "--no-color"}));
  EXPECT_THAT(Texts({"up", "--no-"}), Not(Contains("--no-cache")));
  EXPECT_THAT(Texts({"--fi"}), ElementsAre("--filter"));
  EXPECT_THAT(Texts({"lint", "--fail"}), ElementsAre("--fail-fast"));
}

TEST(CompletionTest, OffersTheValuesOfAnOption) {
  EXPECT_THAT(Texts({"up", "--progress", "p"}), ElementsAre("plain"));
  EXPECT_THAT(Texts({"up", "--progress=p"}), ElementsAre("--progress=plain"));
  EXPECT_THAT(Texts({"list", "-f", ""}), ElementsAre("text", "json", "csv"));
  EXPECT_THAT(Texts({"graph", "-f", "s"}), ElementsAre("svg"));
  EXPECT_THAT(Texts({"up", "--jobs", ""}), IsEmpty());
}

TEST(CompletionTest, OffersFilterTermsAlsoInListsAndNegated) {
  EXPECT_THAT(Texts({"list", "--filter", "b"}), ElementsAre("buildable"));
  EXPECT_THAT(Texts({"list", "-F", "service,!b"}), ElementsAre("service,!buildable"));
  EXPECT_THAT(Texts({"list", "--filter=tags=f"}), ElementsAre("--filter=tags=frontend"));
  EXPECT_TRUE(Complete({"list", "--filter", ""}).more_follows);
}

TEST(CompletionTest, OffersTagsAlsoInLists) {
  EXPECT_THAT(Texts({"list", "--tags", ""}), ElementsAre("backend", "frontend"));
  EXPECT_THAT(Texts({"list", "--tags", "backend,f"}), ElementsAre("backend,frontend"));
}

TEST(CompletionTest, OffersServicesToScale) {
  const Completion completion = Complete({"up", "--scale", ""});
  EXPECT_THAT(TextsOf(completion), ElementsAre("api=", "web="));
  EXPECT_TRUE(completion.more_follows);
}

TEST(CompletionTest, OffersWhatAListHasNotYetOnce) {
  EXPECT_THAT(Texts({"list", "--tags", "frontend,"}), ElementsAre("frontend,backend"));
  const auto twice = [](const std::string&) {
    v1::DescribeProjectResponse project;
    for (int i = 0; i < 2; ++i) project.add_filter_terms("buildable");
    return project;
  };
  EXPECT_THAT(TextsOf(CompleteWords({"list", "-F", "b"}, twice, References)),
              ElementsAre("buildable"));
}

TEST(CompletionTest, OffersBranchesAndTagsToCompareWith) {
  EXPECT_THAT(Texts({"list", "--since", ""}), ElementsAre("main", "origin/main", "v1"));
  EXPECT_THAT(Texts({"list", "--since=o"}), ElementsAre("--since=origin/main"));
}

TEST(CompletionTest, OffersVariablesToExplain) {
  EXPECT_THAT(Texts({"env", "--explain", "DOCKER_P"}),
              ElementsAre("DOCKER_PLATFORMS", "DOCKER_PORT", "DOCKER_PUSH"));
  EXPECT_THAT(Texts({"env", "--explain", "WEB"}), ElementsAre("WEB_IMAGE"));
}

TEST(CompletionTest, LeavesFilesAndTasksArgumentsToTheShell) {
  EXPECT_EQ(Complete({"build", "--output", ""}).kind, Completion::Kind::kFiles);
  EXPECT_EQ(Complete({"--project", ""}).kind, Completion::Kind::kDirectories);
  EXPECT_EQ(Complete({"lint", "--", "src/"}).kind, Completion::Kind::kFiles);
}

TEST(CompletionTest, DescribesCandidates) {
  EXPECT_EQ(Complete({"doc"}).candidates.at(0).description,
            "Look for what may keep nopo from working");
  EXPECT_EQ(Complete({"lin"}).candidates.at(0).description, "of api, lib");
  EXPECT_EQ(Complete({"up", "a"}).candidates.at(0).description, "service");
}

TEST(CompletionTest, OffersWhatNeedsNoProjectWithoutOne) {
  const auto broken = [](const std::string&) { return v1::DescribeProjectResponse(); };
  EXPECT_THAT(TextsOf(CompleteWords({"stat"}, broken, References)), ElementsAre("status"));
  EXPECT_THAT(TextsOf(CompleteWords({"up", ""}, broken, References)), IsEmpty());
}

TEST(CompletionTest, AsksForTheProjectOnlyWhereTheAnswerDependsOnIt) {
  int asked = 0;
  std::string dir;
  const auto count = [&](const std::string& project_dir) {
    ++asked;
    dir = project_dir;
    return DescribedProject();
  };
  CompleteWords({"up", "--no"}, count, References);
  CompleteWords({"daemon", ""}, count, References);
  CompleteWords({"list", "--format", ""}, count, References);
  EXPECT_EQ(asked, 0);
  CompleteWords({"--project", "../shop", "check", "py", ""}, count, References);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(dir, "../shop");
}

}  // namespace
}  // namespace nopo
