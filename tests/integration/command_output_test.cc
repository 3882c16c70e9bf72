// What commands print, as nopo passes it on.
#include <gmock/gmock.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CommandOutputTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (!IsSkipped()) WriteRoot();
  }
};

TEST_F(CommandOutputTest, EveryLineCarriesItsTaskAndStaysOnItsStream) {
  Write("apps/web/nopo.yml", "commands: {say: 'echo one; echo two; echo three >&2'}\n");

  const ProcessOutcome outcome = Nopo({"say"});

  EXPECT_EQ(outcome.out, "[web:say] one\n[web:say] two\n");
  EXPECT_THAT(outcome.err, StartsWith("[web:say] three\n"));
}

TEST_F(CommandOutputTest, StandardInputIsEmpty) {
  Write("apps/web/nopo.yml", "commands: {say: 'cat; test -c /dev/stdin && echo end'}\n");

  EXPECT_EQ(Run({"sh", "-c", absl::StrCat("echo typed | ", NOPO_BINARY, " say")}).out,
            "[web:say] end\n");
}

TEST_F(CommandOutputTest, LinesOfTasksAtOnceAreNeverMixed) {
  // Each prints parts of lines and leaves them open for the other to print.
  const std::string say =
      "commands: {say: 'for i in $(seq 300); do printf XX; printf XX; echo; done'}\n";
  Write("apps/web/nopo.yml", say);
  Write("apps/api/nopo.yml", say);

  const ProcessOutcome outcome = Nopo({"say", "-j2"});

  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  size_t lines = 0;
  for (const absl::string_view line : absl::StrSplit(outcome.out, '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(line == "[web:say] XXXX" || line == "[api:say] XXXX") << line;
    ++lines;
  }
  EXPECT_EQ(lines, 600u);
}

TEST_F(CommandOutputTest, APartOfALineWaitsForItsEnd) {
  Write(
      "apps/web/nopo.yml",
      "commands: {say: 'printf begun; while [ ! -e ../api/done ]; do sleep 0.02; done; echo .'}\n");
  Write("apps/api/nopo.yml", "commands: {say: 'echo whole; echo > done'}\n");

  // Which of the two is read first once both are whole is the kernel's to say.
  EXPECT_THAT(Nopo({"say", "-j2"}).out,
              AnyOf("[api:say] whole\n[web:say] begun.\n", "[web:say] begun.\n[api:say] whole\n"));
}

TEST_F(CommandOutputTest, BytesAreKeptAsTheyAre) {
  Write("apps/web/nopo.yml",
        "commands: {say: \"printf 'a\\\\000b \\\\377\\\\376 \\\\033[1m\\\\r.\\\\n'\"}\n");

  EXPECT_EQ(Nopo({"say"}).out, std::string("[web:say] a\0b \xff\xfe \033[1m\r.\n", 24));
}

TEST_F(CommandOutputTest, ALastLineWithoutAnEndGetsOne) {
  Write("apps/web/nopo.yml", "commands: {say: 'printf out; printf err >&2'}\n");

  const ProcessOutcome outcome = Nopo({"say"});

  EXPECT_EQ(outcome.out, "[web:say] out\n");
  EXPECT_THAT(outcome.err, StartsWith("[web:say] err\n"));
}

TEST_F(CommandOutputTest, AVeryLongLineStaysOne) {
  Write("apps/web/nopo.yml", "commands: {say: 'head -c 1000000 /dev/zero | tr \"\\0\" x; echo'}\n");

  EXPECT_EQ(Nopo({"say"}).out, absl::StrCat("[web:say] ", std::string(1000000, 'x'), "\n"));
}

TEST_F(CommandOutputTest, QuietLeavesWhatTasksPrintAndErrors) {
  Write("apps/web/nopo.yml", "commands: {say: 'echo out; echo err >&2', fail: 'exit 3'}\n");

  const ProcessOutcome said = Nopo({"say", "--quiet"});
  const ProcessOutcome failed = Nopo({"fail", "-q"});

  EXPECT_EQ(said.out, "[web:say] out\n");
  EXPECT_EQ(said.err, "[web:say] err\n");
  EXPECT_EQ(failed.err, "error: web:fail: exited with code 3\n");
}

TEST_F(CommandOutputTest, ProgressAsJsonGoesToStderr) {
  Write("apps/web/nopo.yml", "commands: {say: 'echo out'}\n");

  const ProcessOutcome outcome = Nopo({"say", "--progress=json"});

  EXPECT_EQ(outcome.out, "[web:say] out\n");
  for (const absl::string_view line : absl::StrSplit(outcome.err, '\n', absl::SkipEmpty())) {
    EXPECT_THAT(std::string(line), AllOf(StartsWith("{"), ::testing::EndsWith("}")));
  }
  EXPECT_THAT(outcome.err, HasSubstr("\"task_finished\""));
}

TEST_F(CommandOutputTest, WithJsonNothingElseIsOnStdout) {
  Write("apps/web/nopo.yml", "commands: {say: 'echo out'}\n");

  const ProcessOutcome outcome = Nopo({"say", "--json"});

  EXPECT_THAT(outcome.out, StartsWith("{\"ok\":true"));
  EXPECT_THAT(outcome.err, HasSubstr("[web:say] out\n"));
}

TEST_F(CommandOutputTest, ProgressGoesToStderr) {
  Write("apps/web/nopo.yml", "commands: {say: 'true'}\n");

  const ProcessOutcome outcome = Nopo({"say"});

  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("1 done"));
}

}  // namespace
}  // namespace nopo
