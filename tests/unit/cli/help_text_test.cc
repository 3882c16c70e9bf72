#include "cli/help_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "cli/verbs.h"
#include "common/error.h"
#include "tests/unit/cli/described_project.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string HelpOf(const std::vector<std::string>& words) {
  const auto help = CommandHelp(VerbOf({}), words, DescribedProject());
  EXPECT_TRUE(help.ok()) << help.status();
  return help.value_or("");
}

TEST(HelpTextTest, ListsEveryBuiltInWithItsSummary) {
  const std::string help = GeneralHelp();
  for (const Verb* verb : BuiltInVerbs()) {
    EXPECT_THAT(help, HasSubstr("  " + std::string(verb->name) + " "));
    EXPECT_THAT(help, HasSubstr(std::string(verb->summary)));
  }
}

TEST(HelpTextTest, DrawsTheProjectsCommandsAsATreeWithTheirTargets) {
  EXPECT_EQ(ProjectCommandsHelp(DescribedProject()),
            "\nCommands of Shop, and the targets that have them:\n"
            "  check    api, web\n"
            "    py     api\n"
            "    types  web\n"
            "      ts   web\n"
            "  lint     api, lib\n"
            "  list     lib\n");
  EXPECT_EQ(ProjectCommandsHelp({}), "");
}

TEST(HelpTextTest, ExplainsAVerbWithItsOptions) {
  EXPECT_THAT(VerbHelp(*FindVerb("up")),
              StartsWith("Build and start services, and wait until they are healthy\n\n"
                         "Usage: nopo up [TARGET...] [OPTIONS]\n"));
  EXPECT_THAT(VerbHelp(*FindVerb("up")), HasSubstr("--no-deps"));
}

TEST(HelpTextTest, ExplainsFiltersProgressAndExitCodesWhereTheyMatter) {
  const std::string up = VerbHelp(*FindVerb("up"));
  for (const char* text :
       {"  affected ", "  buildable ", "  quiet ", "Exit codes: 0 done", "nopo up --scale web=3"}) {
    EXPECT_THAT(up, HasSubstr(text));
  }
  EXPECT_THAT(VerbHelp(*FindVerb("list")), Not(HasSubstr("Progress")));
  EXPECT_THAT(VerbHelp(*FindVerb("version")), Not(HasSubstr("Filters")));
  EXPECT_THAT(HelpOf({"check"}), HasSubstr("Exit codes"));
}

TEST(HelpTextTest, ExamplesHaveTheirVerbAndFitATerminal) {
  for (const Verb* verb : BuiltInVerbs()) {
    for (const absl::string_view line : absl::StrSplit(VerbHelp(*verb), '\n')) {
      EXPECT_LE(line.size(), 100) << line;
    }
    if (verb->examples.empty()) continue;
    EXPECT_THAT(std::string(verb->examples), HasSubstr(std::string(verb->name)));
  }
}

TEST(HelpTextTest, ExplainsACommandWithSubCommandsTargetsAndOptions) {
  const std::string help = HelpOf({"check"});
  EXPECT_THAT(help, StartsWith("`check` is a command of Shop\n\n"
                               "Usage: nopo check [TARGET...] [OPTIONS] [-- ARGUMENT...]\n\n"
                               "Targets: api, web\n\n"
                               "Sub-commands, and the targets that have them:\n"
                               "  py     api\n"
                               "  types  web\n"
                               "    ts   web\n"));
  EXPECT_THAT(help, HasSubstr("--dry-run"));
}

TEST(HelpTextTest, ExplainsASubCommandWithItsTargets) {
  EXPECT_THAT(HelpOf({"check", "types", "web"}),
              StartsWith("`check types` is a command of Shop\n\n"
                         "Usage: nopo check types [TARGET...] [OPTIONS] [-- ARGUMENT...]\n\n"
                         "Targets: web\n"));
  EXPECT_THAT(HelpOf({"lint"}), Not(HasSubstr("Sub-commands")));
}

TEST(HelpTextTest, NamesTheNearestOfAnUnknownCommand) {
  const absl::Status status = CommandHelp(VerbOf({}), {"lnit"}, DescribedProject()).status();
  EXPECT_EQ(ExitCodeOf(status), kExitUnknownCommand);
  EXPECT_EQ(status.message(), "unknown command 'lnit'; did you mean 'lint'?");
  EXPECT_THAT(std::string(CommandHelp(VerbOf({}), {"dwon"}, {}).status().message()),
              HasSubstr("did you mean 'down'?"));
}

}  // namespace
}  // namespace nopo
