// Configuration files through the real programs: what a user sees of mistakes, and that no file
// takes the daemon down.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr size_t kMebibyte = 1 << 20;

std::string Repeated(const std::string& text, size_t bytes) {
  std::string result;
  while (result.size() + text.size() <= bytes) result += text;
  return result;
}

std::string BillionLaughs() {
  std::string text = "name: shop\nx-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string alias = absl::StrCat("*a", i - 1);
    absl::StrAppend(&text, "x-", i, ": &a", i, " [");
    for (int j = 0; j < 9; ++j) absl::StrAppend(&text, alias, ", ");
    absl::StrAppend(&text, alias, "]\n");
  }
  return text;
}

std::string ManyKeys() {
  std::string text = "name: shop\n";
  for (int i = 0; i < 100'000; ++i) absl::StrAppend(&text, "k", i, ":\n");
  return text;
}

class ConfigTest : public NopoTest {
 protected:
  // Expects that `nopo list` refuses the project, saying `text`, and that the same daemon then
  // answers about a good one.
  void ExpectRefusal(const std::string& what, const std::string& text, int exit_code = 4) {
    const ProcessOutcome refused = Nopo({"list"});
    EXPECT_EQ(refused.exit_code, exit_code) << what << ": " << refused.err;
    EXPECT_THAT(refused.err, HasSubstr(text)) << what;
    EXPECT_THAT(refused.out, IsEmpty()) << what;
    std::filesystem::remove_all(project() / "nopo.yml");
    WriteRoot();
    EXPECT_EQ(Nopo({"list", "--csv"}).out, "web\n") << what;
    EXPECT_EQ(DaemonPid(), pid_) << what << " cost a daemon its life";
  }

  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot();
    Write("apps/web/nopo.yml", "");
    pid_ = DaemonPid();
  }

 private:
  int pid_ = 0;
};

TEST_F(ConfigTest, MustSurviveFilesThatAreMeantToHurt) {
  const std::pair<std::string, std::string> kFiles[] = {
      {Repeated("[", kMebibyte), "nopo.yml:1:65: found nesting deeper than 64 levels"},
      {Repeated("{", kMebibyte), "nopo.yml:1:2: found a key that is no plain text"},
      {Repeated("- ", kMebibyte), "found nesting deeper than 64 levels"},
      {Repeated("{a: ", kMebibyte), "found nesting deeper than 64 levels"},
      {Repeated("? ", kMebibyte), "nopo.yml:1:3: found a key that is no plain text"},
      {BillionLaughs(), "aliases expand to more than 10000 nodes"},
      {"name: shop\nx:\n" + Repeated("- &a b\n", kMebibyte - 20), "found more than 100000 keys"},
      {ManyKeys(), "found more than 100000 keys and values"},
      {"tags: [" + Repeated("[],", kMebibyte / 6) + "]", "nopo.yml:1:1: name: found nothing"},
      {std::string("name: a\0b", 9), "found a NUL byte in line 1"},
      {"name: \xff\xfe", "found bytes that are not UTF-8 in line 1"},
      {std::string(kMebibyte + 1, ' '), "is larger than 1 MiB"},
      {"name: [" + std::string(kMebibyte - 10, 'x'), "found invalid YAML"},
  };
  for (const auto& [text, message] : kFiles) {
    Write("nopo.yml", text);
    ExpectRefusal(text.substr(0, 20), message);
  }
}

TEST_F(ConfigTest, MustSurviveWhatIsNoFile) {
  const std::filesystem::path file = project() / "nopo.yml";

  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  ExpectRefusal("a directory", "nopo.yml: found a directory; expected a regular file");

  std::filesystem::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  ExpectRefusal("a FIFO", "nopo.yml: found a FIFO; expected a regular file");

  std::filesystem::remove(file);
  std::filesystem::create_symlink("nopo.yml", file);
  ExpectRefusal("a loop", "nopo.yml: cannot be read: Too many levels of symbolic links");

  std::filesystem::remove(file);
  std::filesystem::create_symlink("/dev/zero", file);
  ExpectRefusal("a device", "nopo.yml: found a device; expected a regular file");
}

TEST_F(ConfigTest, MustExitWithSevenWhenAFileMayNotBeRead) {
  Write("apps/web/nopo.yml", "name: [broken");
  std::filesystem::permissions(project() / "nopo.yml", std::filesystem::perms::none);

  // Root reads everything unless it gives that up; a daemon of its own, so that it does too.
  const ProcessOutcome outcome =
      Run({"setpriv", "--bounding-set=-dac_override,-dac_read_search",
           "--inh-caps=-dac_override,-dac_read_search", NOPO_BINARY, "--no-daemon", "list"});

  EXPECT_EQ(outcome.exit_code, 7) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("nopo.yml: cannot be read: permission denied"));
}

TEST_F(ConfigTest, MustReportAllMistakesOfAllFilesAtOnce) {
  Write("nopo.yml", "name: shop\nos: {user: {uid: me}}\n");
  Write("apps/api/nopo.yml", "dependencies: [wbe]\n");
  Write("apps/web/nopo.yml", "infrastructure: {port: 0}\nruntime: {cpu: none}\n");

  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"list"}, {"lint"}, {"up", "--dry-run"}, {"list", "--validate"}}) {
    const ProcessOutcome outcome = Nopo(command);
    EXPECT_EQ(outcome.exit_code, 4) << command[0];
    EXPECT_THAT(outcome.out, IsEmpty()) << command[0];
    EXPECT_THAT(
        outcome.err,
        AllOf(HasSubstr("nopo.yml:2:18: os.user.uid: found 'me'; expected a whole number from 0"),
              HasSubstr("apps/api/nopo.yml:1:16: dependencies: found 'wbe', which is no target; "
                        "did you mean 'web'?"),
              HasSubstr("apps/web/nopo.yml:1:24: infrastructure.port: found '0'; expected a whole "
                        "number from 1 to 65535"),
              HasSubstr("apps/web/nopo.yml:2:1: runtime: found beside 'infrastructure'"),
              HasSubstr("apps/web/nopo.yml:2:16: runtime.cpu: found 'none'; expected CPUs")))
        << command[0];
  }
}

TEST_F(ConfigTest, MustWarnOfUnknownKeysOnlyWhenValidating) {
  Write("apps/web/nopo.yml", "comands: {}\nbuild: {zzz: 1}\ncommands: {lint: 'true'}\n");

  const ProcessOutcome validated = Nopo({"list", "--validate"});
  const ProcessOutcome listed = Nopo({"list", "--csv"});

  EXPECT_EQ(validated.exit_code, 0);
  EXPECT_THAT(validated.out, StartsWith("✓ Valid nopo.yml: "));
  EXPECT_THAT(
      validated.err,
      AllOf(HasSubstr("warning: apps/web/nopo.yml:1:1: comands: unknown key 'comands'; did you "
                      "mean 'commands'?"),
            HasSubstr("warning: apps/web/nopo.yml:2:9: build.zzz: unknown key 'zzz'; expected one "
                      "of command, ")));
  EXPECT_EQ(listed.out, "web\n");
  EXPECT_THAT(listed.err, Not(HasSubstr("unknown key")));
}

TEST_F(ConfigTest, MustTakeTheProjectThatIsNamed) {
  Write("other/nopo.yml", "name: other\n");
  Write("other/apps/db/nopo.yml", "image: db\n");

  EXPECT_EQ(NopoIn(project() / "apps/web", {"list", "--csv"}).out, "web\n");
  EXPECT_EQ(Nopo({"--project", "other", "list", "--csv"}).out, "db\n");
  environment()["ROOT_DIR"] = (project() / "other").native();
  EXPECT_EQ(Nopo({"list", "--csv"}).out, "db\n");
  const ProcessOutcome outside = NopoIn("/", {"--project", "/", "list"});
  EXPECT_EQ(outside.exit_code, 4) << outside.err;
}

}  // namespace
}  // namespace nopo
