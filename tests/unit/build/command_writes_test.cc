#include "daemon/build/command_writes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/build/temporary_tree.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Written while a command ran.
CommandWrites::Change Written(const std::string& content) {
  return {.content = content, .while_running = true};
}
CommandWrites::Change Later(const std::string& content) { return {.content = content}; }

TEST(CommandWritesTest, WhatACommandWritesCountsOnce) {
  CommandWrites writes;

  EXPECT_THAT(writes.Judge({{"/a", Written("one")}}).news, ElementsAre("/a"));
  EXPECT_THAT(writes.Judge({{"/a", Written("one")}}).news, IsEmpty());
}

TEST(CommandWritesTest, AnEditMadeMeanwhileCountsEachTime) {
  CommandWrites writes;
  writes.Judge({{"/dist", Written("built")}, {"/src", Written("one")}});

  EXPECT_THAT(writes.Judge({{"/dist", Written("built")}, {"/src", Written("two")}}).news,
              ElementsAre("/src"));
  EXPECT_THAT(writes.Judge({{"/dist", Written("built")}, {"/src", Written("three")}}).news,
              ElementsAre("/src"));
}

TEST(CommandWritesTest, WhatIsAnotherThingAfterEachRoundIsGivenUpOnce) {
  CommandWrites writes;
  int round = 0;
  for (; round < CommandWrites::kMostRounds; ++round) {
    ASSERT_THAT(writes.Judge({{"/stamp", Written(absl::StrCat(round))}}).news,
                ElementsAre("/stamp"));
  }

  const CommandWrites::Verdict verdict = writes.Judge({{"/stamp", Written(absl::StrCat(round))}});
  const CommandWrites::Verdict next = writes.Judge({{"/stamp", Written("yet another")}});

  EXPECT_THAT(verdict.news, IsEmpty());
  EXPECT_THAT(verdict.given_up, ElementsAre("/stamp"));
  EXPECT_THAT(next.news, IsEmpty());
  EXPECT_THAT(next.given_up, IsEmpty());
}

TEST(CommandWritesTest, AnEditMadeAfterTheCommandIsNeverGivenUp) {
  CommandWrites writes;
  for (int round = 0; round < 3 * CommandWrites::kMostRounds; ++round) {
    EXPECT_THAT(writes.Judge({{"/src", Later(absl::StrCat(round))}}).news, ElementsAre("/src"));
  }
}

TEST(CommandWritesTest, WhatSomebodyElsesRunOfTheCommandWritesCountsOnceToo) {
  CommandWrites writes;

  EXPECT_THAT(writes.Judge({{"/a", Later("one")}}).news, ElementsAre("/a"));
  EXPECT_THAT(writes.Judge({{"/a", Later("one")}}).news, IsEmpty());
}

TEST(CommandWritesTest, ARoundThatLeavesAFileAloneBeginsTheCountAnew) {
  CommandWrites writes;
  for (int round = 0; round < 3 * CommandWrites::kMostRounds; ++round) {
    const bool is_written = round % 3 != 2;
    if (!is_written) {
      writes.Judge({});
      continue;
    }
    EXPECT_THAT(writes.Judge({{"/src", Written(absl::StrCat(round))}}).news, ElementsAre("/src"));
  }
}

TEST(CommandWritesTest, KnowsWhatWasLeftByTheLastRound) {
  CommandWrites writes;
  EXPECT_EQ(writes.LastContent("/a"), nullptr);

  writes.Judge({{"/a", Written("one")}});
  ASSERT_NE(writes.LastContent("/a"), nullptr);
  EXPECT_EQ(*writes.LastContent("/a"), "one");

  writes.Judge({});
  EXPECT_EQ(writes.LastContent("/a"), nullptr);
}

TEST(CommandWritesTest, ContentsDifferAndMissingFilesHaveNone) {
  const TemporaryTree tree;
  tree.Write("a", "one");
  tree.Write("b", "one");
  tree.Write("c", "two");

  EXPECT_EQ(ContentOf(tree.path() / "a"), ContentOf(tree.path() / "b"));
  EXPECT_NE(ContentOf(tree.path() / "a"), ContentOf(tree.path() / "c"));
  EXPECT_EQ(ContentOf(tree.path() / "missing"), "");
  EXPECT_EQ(ContentOf(tree.path()), "");
}

}  // namespace
}  // namespace nopo
