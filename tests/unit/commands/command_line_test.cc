#include "daemon/commands/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/error.h"
#include "tests/unit/commands/sample_project.h"

namespace nopo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// check:py and check:types:{ts,web} of web, lint of api and root; a target "py" beside them.
class CommandLineTest : public ::testing::Test {
 protected:
  CommandLine Split(const std::vector<std::string>& words) {
    const absl::StatusOr<CommandLine> line = SplitCommandLine(project_, words);
    EXPECT_TRUE(line.ok()) << line.status();
    return line.value_or(CommandLine());
  }

  const Project project_ = ProjectWith(
      {AService("web", {Groups("check", {Runs("py", "ruff"),
                                         Groups("types", {Runs("ts", "tsc"), Runs("web", "x")})})}),
       AService("api", {Runs("lint", "ruff")}), APackage("py", {})},
      {Runs("release", "make")});
};

TEST_F(CommandLineTest, ACommandAlone) {
  EXPECT_EQ(Split({"lint"}).command, "lint");
  EXPECT_THAT(Split({"lint"}).targets, IsEmpty());
}

TEST_F(CommandLineTest, WordsThatAreNoSubCommandsAreTargets) {
  const CommandLine line = Split({"lint", "web", "nobody", "."});

  EXPECT_EQ(line.command, "lint");
  EXPECT_THAT(line.targets, ElementsAre("web", "nobody", "."));
}

TEST_F(CommandLineTest, DescendsIntoSubCommands) {
  const CommandLine line = Split({"check", "types", "ts", "web"});

  EXPECT_EQ(line.command, "check:types:ts");
  EXPECT_THAT(line.targets, ElementsAre("web"));
}

TEST_F(CommandLineTest, ASubCommandMayComeLast) {
  EXPECT_EQ(Split({"check", "types"}).command, "check:types");
}

TEST_F(CommandLineTest, AWordThatIsBothIsASubCommandWhenMoreFollow) {
  const CommandLine line = Split({"check", "py", "web"});

  EXPECT_EQ(line.command, "check:py");
  EXPECT_THAT(line.targets, ElementsAre("web"));
}

TEST_F(CommandLineTest, AWordThatIsBothIsATargetWhenItIsTheLast) {
  const CommandLine line = Split({"check", "py"});

  EXPECT_EQ(line.command, "check");
  EXPECT_THAT(line.targets, ElementsAre("py"));
}

TEST_F(CommandLineTest, AfterATargetEveryWordIsOne) {
  EXPECT_THAT(Split({"check", "api", "types"}).targets, ElementsAre("api", "types"));
}

TEST_F(CommandLineTest, TheCommandMayBeSpeltAsAPath) {
  EXPECT_EQ(Split({"check:types", "ts"}).command, "check:types:ts");
}

TEST_F(CommandLineTest, KnowsTheRootsCommands) { EXPECT_EQ(Split({"release"}).command, "release"); }

TEST_F(CommandLineTest, AnUnknownCommandNamesTheNearestAndListsAll) {
  const absl::Status status = SplitCommandLine(project_, {"lnit", "web"}).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ExitCodeOf(status), kExitUnknownCommand);
  EXPECT_EQ(status.message(), "unknown command 'lnit'; did you mean 'lint'?");
  EXPECT_THAT(HintsOf(status), Contains(HasSubstr("check:py")));
}

TEST_F(CommandLineTest, AMisspeltBuiltInIsSuggestedToo) {
  EXPECT_THAT(std::string(SplitCommandLine(project_, {"biuld"}, {"build"}).status().message()),
              HasSubstr("did you mean 'build'?"));
}

TEST_F(CommandLineTest, NoWordsAreABadArgument) {
  EXPECT_EQ(ExitCodeOf(SplitCommandLine(project_, {}).status()), kExitBadArguments);
}

}  // namespace
}  // namespace nopo
