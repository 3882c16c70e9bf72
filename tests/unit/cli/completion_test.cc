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

Completion Complete(const std::vector<std::string>& words) {
  return CompleteWords(words, [](const std::string&) { return DescribedProject(); });
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
  EXPECT_THAT(Texts({"up", ""}), ElementsAre("api", "lib", "web"));
  EXPECT_THAT(Texts({"up", "api", "--no-wait", "w"}), ElementsAre("web"));
  EXPECT_THAT(Texts({"up", "api", "web", ""}), ElementsAre("lib"));
  EXPECT_THAT(Texts({"watch", "w"}), ElementsAre("web"));
}

TEST(CompletionTest, OffersSubCommandsAndTheTargetsThatHaveTheCommand) {
  EXPECT_THAT(Texts({"check", ""}), ElementsAre("py", "types", "api", "web"));
  EXPECT_THAT(Texts({"check", "types", ""}), ElementsAre("ts", "web"));
  EXPECT_THAT(Texts({"run", "check", "py", ""}), ElementsAre("api"));
  EXPECT_THAT(Texts({"check", "api", ""}), ElementsAre("web"));
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
  EXPECT_THAT(TextsOf(CompleteWords({"stat"}, broken)), ElementsAre("status"));
  EXPECT_THAT(TextsOf(CompleteWords({"up", ""}, broken)), IsEmpty());
}

TEST(CompletionTest, AsksForTheProjectOnlyWhereTheAnswerDependsOnIt) {
  int asked = 0;
  std::string dir;
  const auto count = [&](const std::string& project_dir) {
    ++asked;
    dir = project_dir;
    return DescribedProject();
  };
  CompleteWords({"up", "--no"}, count);
  CompleteWords({"daemon", ""}, count);
  CompleteWords({"list", "--format", ""}, count);
  EXPECT_EQ(asked, 0);
  CompleteWords({"--project", "../shop", "check", "py", ""}, count);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(dir, "../shop");
}

}  // namespace
}  // namespace nopo
