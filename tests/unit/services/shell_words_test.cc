#include "daemon/services/shell_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nopo {
namespace {

using testing::ElementsAre;

TEST(ContainerCommandTest, SplitsWordsAsAShellDoes) {
  EXPECT_THAT(ContainerCommand("  ./serve  --port 80 "), ElementsAre("./serve", "--port", "80"));
  EXPECT_THAT(ContainerCommand("say 'a  b' \"c \\\"d\\\"\" e\\ f ''"),
              ElementsAre("say", "a  b", "c \"d\"", "e f", ""));
  EXPECT_THAT(ContainerCommand("curl http://x/#top --a={b}"),
              ElementsAre("curl", "http://x/#top", "--a={b}"));
}

class NeedsAShellTest : public testing::TestWithParam<const char*> {};

TEST_P(NeedsAShellTest, IsHandedOverWhole) {
  EXPECT_THAT(ContainerCommand(GetParam()), ElementsAre("/bin/sh", "-c", GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Lines, NeedsAShellTest,
                         testing::Values("a && b", "a | b", "a > f", "echo $HOME", "echo \"$HOME\"",
                                         "echo `id`", "ls *.py", "A=b run", "exec ./serve", "cd x",
                                         "a\nb", "# nothing", "~/run", "say 'open", "say \"open",
                                         "a (b)"));

}  // namespace
}  // namespace nopo
