#include "cli/terminal.h"

#include <gtest/gtest.h>

#include <map>

namespace nopo {
namespace {

EnvironmentReader Environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](absl::string_view name) {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::string() : found->second;
  };
}

const TerminalFacts kTerminal = {.error_is_terminal = true};
const TerminalFacts kPipe = {};

TEST(ChooseProgressModeTest, IsLiveOnlyOnATerminalThatCanMoveItsCursor) {
  EXPECT_EQ(ChooseProgressMode({}, kTerminal, Environment({{"TERM", "xterm"}})),
            ProgressMode::kTty);
  EXPECT_EQ(ChooseProgressMode({}, kTerminal, Environment({{"TERM", "dumb"}})),
            ProgressMode::kPlain);
  EXPECT_EQ(ChooseProgressMode({}, kTerminal, Environment({})), ProgressMode::kPlain);
  EXPECT_EQ(ChooseProgressMode({}, kPipe, Environment({{"TERM", "xterm"}})), ProgressMode::kPlain);
}

TEST(ChooseProgressModeTest, DoesWhatIsAskedFor) {
  EXPECT_EQ(ChooseProgressMode({.progress = "tty"}, kPipe, Environment({})), ProgressMode::kTty);
  EXPECT_EQ(ChooseProgressMode({.quiet = true}, kPipe, Environment({})), ProgressMode::kQuiet);
  EXPECT_EQ(ChooseProgressMode({.progress = "json", .quiet = true}, kPipe, Environment({})),
            ProgressMode::kJson);
}

TEST(MayLendTerminalTest, OnlyWhereInputAndOutputAreATerminalInTheForeground) {
  TerminalFacts facts = {.out_is_terminal = true, .has_keyboard = true};
  EXPECT_TRUE(MayLendTerminal({}, facts));
  facts.has_keyboard = false;
  EXPECT_FALSE(MayLendTerminal({}, facts));
  facts = {.has_keyboard = true};
  EXPECT_FALSE(MayLendTerminal({}, facts));
}

TEST(MayLendTerminalTest, NotWhereSomethingElseIsToBeWritten) {
  const TerminalFacts facts = {.out_is_terminal = true, .has_keyboard = true};
  Arguments arguments;
  arguments.execution.dry_run = true;
  EXPECT_FALSE(MayLendTerminal(arguments, facts));
  arguments = {};
  arguments.display.format = "json";
  EXPECT_FALSE(MayLendTerminal(arguments, facts));
  arguments = {};
  arguments.display.progress = "json";
  EXPECT_FALSE(MayLendTerminal(arguments, facts));
  arguments = {};
  arguments.display.quiet = true;
  EXPECT_TRUE(MayLendTerminal(arguments, facts));
}

TEST(ChooseColourTest, FollowsTheTerminalUnlessTold) {
  const auto xterm = Environment({{"TERM", "xterm"}});
  EXPECT_TRUE(ChooseColour({}, kTerminal, xterm));
  EXPECT_FALSE(ChooseColour({}, kPipe, xterm));
  EXPECT_FALSE(ChooseColour({.no_color = true}, kTerminal, xterm));
  EXPECT_FALSE(ChooseColour({}, kTerminal, Environment({{"TERM", "xterm"}, {"NO_COLOR", "1"}})));
  EXPECT_TRUE(ChooseColour({}, kPipe, Environment({{"FORCE_COLOR", "1"}})));
  EXPECT_FALSE(ChooseColour({}, kTerminal, Environment({{"TERM", "xterm"}, {"FORCE_COLOR", "0"}})));
}

}  // namespace
}  // namespace nopo
