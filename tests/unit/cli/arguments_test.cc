#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/error.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Arguments Parsed(const std::vector<std::string>& line) {
  const absl::StatusOr<Arguments> arguments = ParseArguments(line);
  EXPECT_TRUE(arguments.ok()) << arguments.status();
  return arguments.ok() ? *arguments : Arguments();
}

std::string ErrorOf(const std::vector<std::string>& line) {
  const absl::Status status = ParseArguments(line).status();
  EXPECT_EQ(ExitCodeOf(status), kExitBadArguments);
  return std::string(status.message());
}

TEST(ArgumentsTest, KnowsABuiltInAndItsTargets) {
  const Arguments arguments = Parsed({"up", "web", "api"});
  EXPECT_EQ(arguments.verb, "up");
  EXPECT_THAT(arguments.words, ElementsAre("web", "api"));
}

TEST(ArgumentsTest, TakesAnyOtherWordForACommandOfTheProject) {
  const Arguments arguments = Parsed({"check", "types", "web"});
  EXPECT_EQ(arguments.verb, "");
  EXPECT_THAT(arguments.words, ElementsAre("check", "types", "web"));
}

TEST(ArgumentsTest, LetsOptionsStandAnywhere) {
  const Arguments arguments = Parsed({"--jobs", "3", "lint", "--filter=buildable", "web", "-q"});
  EXPECT_THAT(arguments.words, ElementsAre("lint", "web"));
  EXPECT_EQ(arguments.execution.jobs, 3);
  EXPECT_THAT(arguments.selection.filters, ElementsAre("buildable"));
  EXPECT_TRUE(arguments.display.quiet);
}

TEST(ArgumentsTest, FindsTheVerbBehindAnOptionsValue) {
  const Arguments arguments = Parsed({"--project", "up", "list"});
  EXPECT_EQ(arguments.verb, "list");
  EXPECT_EQ(arguments.project, "up");
}

TEST(ArgumentsTest, GivesAllThatFollowsTwoDashesToTheTask) {
  const Arguments arguments = Parsed({"test", "web", "--", "--watch", "-q", "--", "x"});
  EXPECT_THAT(arguments.words, ElementsAre("test", "web"));
  EXPECT_THAT(arguments.task_arguments, ElementsAre("--watch", "-q", "--", "x"));
  EXPECT_FALSE(arguments.display.quiet);
}

TEST(ArgumentsTest, CollectsFiltersFromRepeatedOptionsAndCommas) {
  const Arguments arguments =
      Parsed({"list", "-F", "a,b=1", "web", "--filter", "!c", "--tags", "x,y"});
  EXPECT_THAT(arguments.selection.filters, ElementsAre("a", "b=1", "!c"));
  EXPECT_THAT(arguments.selection.tags, ElementsAre("x", "y"));
  EXPECT_THAT(arguments.words, ElementsAre("web"));
}

TEST(ArgumentsTest, ReadsJAsJsonOfAListAndAsJobsOfTasks) {
  EXPECT_EQ(Parsed({"list", "-j"}).display.format, "json");
  EXPECT_EQ(Parsed({"build", "-j", "4"}).execution.jobs, 4);
  EXPECT_EQ(Parsed({"build", "-j4"}).execution.jobs, 4);
  EXPECT_EQ(Parsed({"lint", "-j", "4"}).execution.jobs, 4);
}

TEST(ArgumentsTest, TakesAFilterForJsonAsAWishForJson) {
  const Arguments arguments = Parsed({"status", "--jq", ".services", "web"});
  EXPECT_EQ(arguments.display.format, "json");
  EXPECT_EQ(arguments.display.jq, ".services");
  EXPECT_THAT(arguments.words, ElementsAre("web"));
}

TEST(ArgumentsTest, ReadsTheGraphsFormat) {
  EXPECT_EQ(Parsed({"graph", "--format", "mermaid"}).display.format, "mermaid");
  EXPECT_THAT(ErrorOf({"graph", "--format", "csv"}), HasSubstr("--format"));
}

TEST(ArgumentsTest, ReadsFAsFormatOfAListAndAsFollowOfLogs) {
  EXPECT_EQ(Parsed({"list", "-f", "csv"}).display.format, "csv");
  EXPECT_TRUE(Parsed({"logs", "-f", "web"}).logs.follow);
}

TEST(ArgumentsTest, ReadsTheOptionsOfUp) {
  const Arguments arguments =
      Parsed({"up", "--scale", "web=3", "--timeout", "1.5", "--scale=api=2", "--no-wait", "db"});
  EXPECT_THAT(arguments.up.scale, ElementsAre(Pair("api", 2), Pair("web", 3)));
  EXPECT_DOUBLE_EQ(arguments.up.timeout_seconds, 1.5);
  EXPECT_TRUE(arguments.up.no_wait);
  EXPECT_THAT(arguments.words, ElementsAre("db"));
}

TEST(ArgumentsTest, ReadsTheOptionsOfBuildAndDown) {
  const Arguments build = Parsed({"build", "--build-arg", "A=b=c", "--build-arg=D", "--no-cache",
                                  "--output", "images.json", "--target", "final"});
  EXPECT_THAT(build.build.build_args, ElementsAre("A=b=c", "D"));
  EXPECT_TRUE(build.build.no_cache);
  EXPECT_EQ(build.build.output, "images.json");
  EXPECT_EQ(build.build.target_stage, "final");
  EXPECT_TRUE(Parsed({"down", "-v", "--rmi"}).down.volumes);
}

TEST(ArgumentsTest, KnowsTheOptionsThatComposesUsersExpect) {
  const Arguments up = Parsed({"up", "--build", "--pull"});
  EXPECT_TRUE(up.up.build);
  EXPECT_TRUE(up.up.pull);
  EXPECT_EQ(Parsed({"down", "--remove-orphans"}).verb, "down");
  EXPECT_TRUE(Parsed({"status", "-d"}).detailed);
  EXPECT_TRUE(Parsed({"status", "--detailed"}).detailed);
}

TEST(ArgumentsTest, TakesHelpAsAWordToo) {
  EXPECT_TRUE(Parsed({"up", "help"}).help);
  EXPECT_TRUE(Parsed({"lint", "help"}).help);
  EXPECT_TRUE(Parsed({"run", "lint", "help"}).help);
  for (const char* verb : {"run", "command"}) {
    EXPECT_TRUE(Parsed({verb, "help"}).help);
    EXPECT_THAT(Parsed({verb, "help"}).words, IsEmpty());
  }
  EXPECT_THAT(Parsed({"check", "types", "help"}).words, ElementsAre("check", "types"));
  EXPECT_TRUE(Parsed({"lint", "-h"}).help);
  EXPECT_FALSE(Parsed({"up", "web"}).help);
}

TEST(ArgumentsTest, NamesAnUnknownOptionAndTheNearestOne) {
  const std::string error = ErrorOf({"build", "--no-cahce"});
  EXPECT_THAT(error, HasSubstr("unknown option '--no-cahce' for nopo build"));
  EXPECT_THAT(error, HasSubstr("did you mean '--no-cache'?"));
}

TEST(ArgumentsTest, RefusesAnOptionOfAnotherVerb) {
  EXPECT_THAT(ErrorOf({"up", "--no-cache"}), HasSubstr("'--no-cache'"));
}

TEST(ArgumentsTest, RefusesValuesThatAnOptionDoesNotTake) {
  EXPECT_THAT(ErrorOf({"up", "--progress", "fancy"}), HasSubstr("--progress"));
  EXPECT_THAT(ErrorOf({"build", "-j", "many"}), HasSubstr("jobs"));
  EXPECT_THAT(ErrorOf({"build", "--jobs"}), HasSubstr("--jobs"));
  EXPECT_THAT(ErrorOf({"up", "--scale", "web"}), HasSubstr("NAME=NUMBER"));
  EXPECT_THAT(ErrorOf({"up", "--scale"}), HasSubstr("--scale needs a value: --scale NAME=N"));
}

TEST(ArgumentsTest, SaysWhichNumbersAnOptionTakes) {
  for (const char* timeout : {"0", "-1", "nan", "inf", "1e300", "soon"}) {
    EXPECT_EQ(
        ErrorOf({"up", "--timeout", timeout}),
        absl::StrCat("--timeout: found '", timeout, "'; expected a number of seconds above 0"));
  }
  for (const char* lines : {"-1", "x", "1.5", "99999999999"}) {
    const std::string expected =
        absl::StrCat("--tail: found '", lines, "'; expected a number of lines, 0 or more");
    EXPECT_EQ(ErrorOf({"logs", "-n", lines}), expected);
    EXPECT_EQ(ErrorOf({"daemon", "logs", "-n", lines}), expected);
  }
  EXPECT_EQ(ErrorOf({"build", "-j", "0"}), "--jobs: found '0'; expected a number from 1 to 10000");
  EXPECT_EQ(ErrorOf({"builds", "-n", "0"}), "--limit: found '0'; expected a number above 0");
  EXPECT_EQ(Parsed({"logs", "-n", "0"}).logs.tail, 0);
}

TEST(ArgumentsTest, ListsTheValuesOfAChoice) {
  EXPECT_EQ(ErrorOf({"lint", "--context", "foo"}),
            "--context: found 'foo'; expected host, container");
}

TEST(ArgumentsTest, RefusesAnOptionThatIsGivenTwiceAndAFlagWithAValue) {
  EXPECT_EQ(ErrorOf({"logs", "-n", "1", "--tail", "2"}), "--tail is given twice");
  EXPECT_EQ(ErrorOf({"list", "--quiet=3"}), "--quiet takes no value");
  EXPECT_EQ(ErrorOf({"list", "--json=yes"}), "--json takes no value");
}

TEST(ArgumentsTest, RefusesTwoFormatsAtOnce) {
  EXPECT_EQ(ErrorOf({"list", "--csv", "--json"}), "--csv and --json ask for different formats");
  EXPECT_EQ(ErrorOf({"list", "--csv", "--jq", "."}), "--csv and --jq ask for different formats");
  EXPECT_EQ(ErrorOf({"list", "-f", "json", "--csv"}),
            "--format and --csv ask for different formats");
  EXPECT_EQ(ErrorOf({"graph", "--json", "-f", "dot"}),
            "--json and --format ask for different formats");
  EXPECT_EQ(Parsed({"list", "--json", "-f", "json", "--jq", "."}).display.format, "json");
}

TEST(ArgumentsTest, IsEmptyForAnEmptyCommandLine) {
  const Arguments arguments = Parsed({});
  EXPECT_EQ(arguments.verb, "");
  EXPECT_THAT(arguments.words, IsEmpty());
}

TEST(ExecArgumentsTest, GiveAllBehindTheTargetToTheCommand) {
  const Arguments arguments = Parsed({"exec", "web", "ls", "-la", "--help", "--", "-q"});
  EXPECT_EQ(arguments.verb, "exec");
  EXPECT_THAT(arguments.words, ElementsAre("web"));
  EXPECT_THAT(arguments.task_arguments, ElementsAre("ls", "-la", "--help", "--", "-q"));
  EXPECT_FALSE(arguments.help);
  EXPECT_FALSE(arguments.display.quiet);
}

TEST(ExecArgumentsTest, TakeOptionsUpToTheCommand) {
  const Arguments arguments =
      Parsed({"--project", "shop", "exec", "-e", "A=b,c", "--index=2", "-Tu", "root", "web", "-w",
              "/srv", "--env", "HOME", "sh", "-c", "id"});
  EXPECT_EQ(arguments.project, "shop");
  EXPECT_THAT(arguments.words, ElementsAre("web"));
  EXPECT_THAT(arguments.task_arguments, ElementsAre("sh", "-c", "id"));
  EXPECT_THAT(arguments.exec.env, ElementsAre("A=b,c", "HOME"));
  EXPECT_EQ(arguments.exec.index, 2);
  EXPECT_EQ(arguments.exec.user, "root");
  EXPECT_EQ(arguments.exec.working_dir, "/srv");
  EXPECT_TRUE(arguments.exec.no_terminal);
}

TEST(ExecArgumentsTest, TakeTwoDashesForTheBeginningOfTheCommand) {
  EXPECT_THAT(Parsed({"exec", "web", "-d", "--", "-odd-name", "--", "x"}).task_arguments,
              ElementsAre("-odd-name", "--", "x"));
  EXPECT_TRUE(Parsed({"exec", "web", "-d", "--", "ls"}).exec.detach);
}

TEST(ExecArgumentsTest, KnowTheOptionsThatDockersUsersType) {
  const Arguments arguments = Parsed({"exec", "-it", "web", "sh"});
  EXPECT_THAT(arguments.words, ElementsAre("web"));
  EXPECT_THAT(arguments.task_arguments, ElementsAre("sh"));
}

TEST(ExecArgumentsTest, ReadHelpAsAWordOnlyWhereNoCommandFollows) {
  EXPECT_TRUE(Parsed({"exec", "help"}).help);
  EXPECT_TRUE(Parsed({"exec", "web", "--help"}).help);
  EXPECT_FALSE(Parsed({"exec", "help", "ls"}).help);
  EXPECT_FALSE(Parsed({"exec", "web", "help"}).help);
}

TEST(ExecArgumentsTest, RefuseWhatIsNoVariableNoNumberAndNoOption) {
  EXPECT_THAT(ErrorOf({"exec", "-e", "=b", "web", "ls"}), HasSubstr("expected NAME or NAME=VALUE"));
  EXPECT_THAT(ErrorOf({"exec", "--index", "0", "web", "ls"}), HasSubstr("--index"));
  EXPECT_THAT(ErrorOf({"exec", "--json", "web", "ls"}), HasSubstr("unknown option '--json'"));
  EXPECT_THAT(ErrorOf({"exec", "web", "--jq", ".", "ls"}), HasSubstr("unknown option '--jq'"));
}

}  // namespace
}  // namespace nopo
