#include "daemon/build/command_writes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/build/temporary_tree.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CommandWritesTest, WhatACommandWritesCountsOnce) {
  CommandWrites writes;

  EXPECT_THAT(writes.Judge({{"/a", "one"}}).news, ElementsAre("/a"));
  EXPECT_THAT(writes.Judge({{"/a", "one"}}).news, IsEmpty());
}

TEST(CommandWritesTest, AnEditMadeMeanwhileCountsEachTime) {
  CommandWrites writes;
  writes.Judge({{"/dist", "built"}, {"/src", "one"}});

  EXPECT_THAT(writes.Judge({{"/dist", "built"}, {"/src", "two"}}).news, ElementsAre("/src"));
  EXPECT_THAT(writes.Judge({{"/dist", "built"}, {"/src", "three"}}).news, ElementsAre("/src"));
}

TEST(CommandWritesTest, WhatIsAnotherThingAfterEachRoundIsGivenUpOnce) {
  CommandWrites writes;
  int round = 0;
  for (; round < CommandWrites::kMostRounds; ++round) {
    ASSERT_THAT(writes.Judge({{"/stamp", absl::StrCat(round)}}).news, ElementsAre("/stamp"));
  }

  const CommandWrites::Verdict verdict = writes.Judge({{"/stamp", absl::StrCat(round)}});
  const CommandWrites::Verdict next = writes.Judge({{"/stamp", "yet another"}});

  EXPECT_THAT(verdict.news, IsEmpty());
  EXPECT_THAT(verdict.given_up, ElementsAre("/stamp"));
  EXPECT_THAT(next.news, IsEmpty());
  EXPECT_THAT(next.given_up, IsEmpty());
}

TEST(CommandWritesTest, ARoundThatLeavesAFileAloneBeginsTheCountAnew) {
  CommandWrites writes;
  for (int round = 0; round < 3 * CommandWrites::kMostRounds; ++round) {
    const bool is_written = round % 3 != 2;
    if (!is_written) {
      writes.Judge({});
      continue;
    }
    EXPECT_THAT(writes.Judge({{"/src", absl::StrCat(round)}}).news, ElementsAre("/src"));
  }
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
