// The command line around the operations: help, completion in real shells, what is printed where.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CommandLineTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    WriteRoot();
    Write("apps/web/nopo.yml",
          "image: busybox\ntags: [frontend]\ndependencies: [lib]\n"
          "commands: {check: {commands: {py: echo py, types: {commands: {ts: echo ts}}}}}\n");
    Write("apps/lib/nopo.yml", "commands: {lint: echo linted, graph: echo mine}\n");
    const std::string folder = std::filesystem::path(NOPO_BINARY).parent_path().string();
    environment()["PATH"] = absl::StrCat(folder, ":/usr/local/bin:/usr/bin:/bin");
  }

  bool Has(const std::string& program) {
    return Run({"sh", "-c", "command -v " + program}).exit_code == 0;
  }
  // What bash offers with `words` typed, the last one under the cursor; a line each.
  std::string Bash(const std::string& words, int position) {
    const ProcessOutcome outcome = Run(
        {"bash", "-c",
         absl::StrCat("source <(nopo completion bash); COMP_WORDS=(", words,
                      "); COMP_CWORD=", position, "; _nopo; printf '%s\\n' \"${COMPREPLY[@]}\"")});
    EXPECT_EQ(outcome.err, "");
    return outcome.out;
  }
};

TEST_F(CommandLineTest, ListsInTheContractsJson) {
  const ProcessOutcome list = Nopo({"list", "web", "--jq", ".config, .services.web"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_EQ(
      list.out,
      absl::StrCat(R"({"name":")", slug(), R"(","root":")", project().string(),
                   R"(","services_dirs":[")", (project() / "apps").string(), "\"]}\n",
                   R"({"name":"web","description":"","type":"service","path":"apps/web",)",
                   R"("buildable":false,"image":"busybox","cpu":"1","memory":"512Mi","port":3000,)",
                   R"("min_instances":0,"max_instances":10,"has_database":false,)",
                   R"("run_migrations":false,"static_path":"build","tags":["frontend"],)",
                   R"("dependencies":["lib"],)",
                   R"("commands":["check","check:py","check:types","check:types:ts"]})", "\n"));
}

TEST_F(CommandLineTest, GivesPackagesTheDefaultsOfServices) {
  EXPECT_EQ(
      Nopo({"list", "--jq", ".services.lib|.type,.image,.cpu,.memory,.port,.max_instances"}).out,
      "\"package\"\n\"\"\n\"1\"\n\"512Mi\"\n3000\n10\n");
}

TEST_F(CommandLineTest, TellsTheStatusInTheContractsJson) {
  const ProcessOutcome status =
      Nopo({"status", "--jq", "keys_unsorted, (.[]|keys_unsorted), (.services.web|keys_unsorted)"});
  EXPECT_EQ(status.exit_code, 0) << status.err;
  EXPECT_EQ(status.out, R"(["project","system","daemon","engine","cache","services"])"
                        "\n"
                        R"(["name","config_path","root","service_count"])"
                        "\n"
                        R"(["platform","nopo"])"
                        "\n"
                        R"(["version","pid","uptime_s","projects","rss_bytes"])"
                        "\n"
                        R"(["endpoint","version","api_version","state"])"
                        "\n"
                        R"(["volume","state","last_sync","mode"])"
                        "\n"
                        R"(["web"])"
                        "\n"
                        R"(["state","health","image","image_id","up_to_date","containers"])"
                        "\n");
}

TEST_F(CommandLineTest, TellsTheStatusWithoutAnEngine) {
  environment()["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
  const ProcessOutcome status = Nopo({"status", "--jq", ".engine | .state, has(\"reason\")"});
  EXPECT_EQ(status.exit_code, 0) << status.err;
  EXPECT_EQ(status.out, "\"unreachable\"\ntrue\n");
}

TEST_F(CommandLineTest, TellsTheStatusAlsoWhereTheEnginesAddressIsOfNoUse) {
  environment()["DOCKER_HOST"] = "https://x";

  const ProcessOutcome status = Nopo({"status", "--jq", ".engine | .state, .endpoint"});

  EXPECT_EQ(status.exit_code, 0) << status.err;
  EXPECT_EQ(status.out, "\"unreachable\"\n\"https://x\"\n");
  environment().erase("DOCKER_HOST");
  environment()["DOCKER_CONTEXT"] = "nosuch";
  EXPECT_THAT(Nopo({"status"}).out, HasSubstr("unreachable: "));
}

TEST_F(CommandLineTest, KnowsNothingOfServicesWithoutAnEngine) {
  environment()["DOCKER_HOST"] = "unix:///nowhere/docker.sock";

  EXPECT_EQ(Nopo({"status", "--jq", ".services.web.state"}).out, "\"unknown\"\n");
}

TEST_F(CommandLineTest, ValidatesAndCountsWhatItLists) {
  EXPECT_EQ(Nopo({"list", "--validate"}).out,
            absl::StrCat("✓ Valid nopo.yml: ", slug(), " (2 services)\n"));
  EXPECT_EQ(Nopo({"list", "--validate", "--jq", "[.valid, .name, .service_count]"}).out,
            absl::StrCat("[true,\"", slug(), "\",2]\n"));
  EXPECT_EQ(Nopo({"list", "--validate", "--csv"}).exit_code, 3);
  EXPECT_EQ(Nopo({"status", "--jq", ".project.service_count"}).out, "2\n");
  Write("apps/web/nopo.yml", "infrastructure: {port: x}\n");
  const ProcessOutcome broken = Nopo({"list", "-v"});
  EXPECT_EQ(broken.exit_code, 4);
  EXPECT_EQ(broken.out, "");
  EXPECT_THAT(broken.err, HasSubstr("apps/web/nopo.yml:1:"));
}

TEST_F(CommandLineTest, ListsInTheFormatAskedFor) {
  EXPECT_EQ(Nopo({"list", "--csv"}).out, "lib,web\n");
  EXPECT_EQ(Nopo({"list", "--format", "csv"}).out, "lib,web\n");
  EXPECT_EQ(Nopo({"list", "-f", "json"}).out, Nopo({"list", "-j"}).out);
  EXPECT_THAT(Nopo({"list"}).out, StartsWith("SERVICE  TYPE     CPU  MEMORY  PORT  MIN  MAX"));
}

TEST_F(CommandLineTest, FiltersTheJsonOfADryRunAndOfAResult) {
  EXPECT_EQ(Nopo({"lint", "--dry-run", "--jq", ".stages"}).out, "[[\"lib:lint\"]]\n");
  const ProcessOutcome lint = Nopo({"lint", "--jq", ".ok, .tasks[].outcome"});
  EXPECT_EQ(lint.out, "true\n\"succeeded\"\n");
  EXPECT_THAT(lint.err, HasSubstr("[lib:lint] linted\n"));
}

TEST_F(CommandLineTest, PrintsHelpAndTheProjectsCommandsAlone) {
  const ProcessOutcome help = Nopo({});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, StartsWith("nopo runs the services and commands of a monorepo\n"));
  EXPECT_THAT(help.out, HasSubstr("  check    web\n    py     web\n    types  web\n"));
  EXPECT_EQ(Nopo({"help"}).out, help.out);
  EXPECT_EQ(Nopo({"--help"}).out, help.out);
}

TEST_F(CommandLineTest, PrintsHelpAlsoOutsideOfAProjectAndInABrokenOne) {
  const ProcessOutcome outside = NopoIn("/", {});
  EXPECT_EQ(outside.exit_code, 0);
  EXPECT_THAT(outside.out, Not(HasSubstr("not known")));
  Write("nopo.yml", "name: [\n");
  const ProcessOutcome broken = Nopo({});
  EXPECT_EQ(broken.exit_code, 0);
  EXPECT_THAT(broken.out, HasSubstr("The commands of this project are not known: nopo.yml:"));
}

TEST_F(CommandLineTest, ExplainsACommandOfTheProject) {
  const ProcessOutcome help = Nopo({"check", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("Sub-commands, and the targets that have them:\n  py     web\n"));
  EXPECT_EQ(Nopo({"check", "help"}).out, help.out);
  EXPECT_EQ(Nopo({"help", "check"}).out, help.out);
  EXPECT_THAT(Nopo({"check", "types", "-h"}).out, HasSubstr("Usage: nopo check types [TARGET...]"));
}

TEST_F(CommandLineTest, NamesTheNearestOfAnUnknownCommand) {
  for (const auto& line : std::vector<std::vector<std::string>>{{"lnit"}, {"help", "lnit"}}) {
    const ProcessOutcome outcome = Nopo(line);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("did you mean 'lint'?"));
  }
  EXPECT_THAT(Nopo({"staus"}).err, HasSubstr("did you mean 'status'?"));
}

TEST_F(CommandLineTest, ReachesACommandThatIsNamedLikeABuiltIn) {
  EXPECT_EQ(Nopo({"command", "graph", "lib"}).out, "[lib:graph] mine\n");
  EXPECT_THAT(Nopo({"graph"}).out, StartsWith("digraph"));
}

TEST_F(CommandLineTest, DrawsTheGraphOfTheSelectedTargets) {
  EXPECT_EQ(Nopo({"graph", "--format", "mermaid"}).out,
            "graph LR\n  n1(\"lib\")\n  n2[\"web\"]\n  n2 --> n1\n");
  EXPECT_EQ(Nopo({"graph", "web", "--jq", ".edges|length"}).out, "0\n");
  if (Has("dot")) {
    EXPECT_THAT(Nopo({"graph", "--format", "svg"}).out, HasSubstr("<svg"));
  } else {
    const ProcessOutcome svg = Nopo({"graph", "--format", "svg"});
    EXPECT_EQ(svg.exit_code, 3);
    EXPECT_THAT(svg.err, HasSubstr("install graphviz"));
  }
}

TEST_F(CommandLineTest, TheDoctorFindsWhatIsWrong) {
  const ProcessOutcome well = Nopo({"doctor"});
  EXPECT_EQ(well.exit_code, 0) << well.out;
  EXPECT_THAT(well.out, HasSubstr("✓ engine    Docker "));
  environment()["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
  const ProcessOutcome ill = Nopo({"doctor", "--jq", ".ok, (.checks[]|select(.ok|not)|.name)"});
  EXPECT_EQ(ill.exit_code, 1);
  EXPECT_EQ(ill.out, "false\n\"engine\"\n\"buildkit\"\n");
}

TEST_F(CommandLineTest, TheDoctorFindsASocketThatOthersMayUse) {
  ASSERT_EQ(Nopo({"daemon", "start"}).exit_code, 0);
  const std::string socket = environment()["XDG_RUNTIME_DIR"] + "/nopo/nopod.sock";
  ASSERT_EQ(::chmod(socket.c_str(), 0666), 0);
  const ProcessOutcome ill = Nopo({"doctor", "--jq", ".checks[]|select(.ok|not)|.name"});
  EXPECT_EQ(ill.exit_code, 1);
  EXPECT_EQ(ill.out, "\"socket\"\n");
}

TEST_F(CommandLineTest, BashCompletesCommandsTargetsAndValues) {
  EXPECT_EQ(Bash("nopo li", 1), "list\nlint\n");
  EXPECT_EQ(Bash("nopo check ''", 2), "py\ntypes\nweb\n");
  EXPECT_EQ(Bash("nopo up w", 2), "web\n");
  EXPECT_EQ(Bash("nopo up --progress = pl", 4), "plain\n");
  EXPECT_EQ(Bash("nopo list --filter tags = f", 5), "frontend\n");
  EXPECT_EQ(Bash("nopo up --scale ''", 3), "web=\n");
  EXPECT_EQ(Bash("nopo up --scale w", 3), "web=\n");
  EXPECT_EQ(Bash("nopo up --scale = w", 4), "web=\n");
  EXPECT_EQ(Bash("nopo up --scale =", 3), "web=\n");
}

TEST_F(CommandLineTest, BashCompletesInSilenceWhereTheProjectIsBroken) {
  Write("nopo.yml", "name: [\n");
  EXPECT_EQ(Bash("nopo stat", 1), "status\n");
  EXPECT_EQ(Bash("nopo up ''", 2), "\n");
}

TEST_F(CommandLineTest, ZshCompletesCommandsAndTargets) {
  if (!Has("zsh")) GTEST_SKIP() << "no zsh";
  // In place of zsh's own functions, which work only at a prompt.
  const std::string setup =
      "compdef() { : }; _describe() { print -l -- \"${(@P)4}\" }; _files() { print files \"$@\" }; "
      "eval \"$(nopo completion zsh)\"; ";
  const auto zsh = [&](const std::string& words, const std::string& current, int position) {
    const ProcessOutcome outcome =
        Run({"zsh", "-f", "-c",
             absl::StrCat(setup, "words=(", words, "); CURRENT=", position, "; PREFIX='", current,
                          "'; _nopo")});
    EXPECT_EQ(outcome.err, "");
    return outcome.out;
  };
  EXPECT_EQ(zsh("nopo lin", "lin", 2), "lint:of lib\n");
  EXPECT_EQ(zsh("nopo check ''", "", 3), "py:of web\ntypes:of web\nweb:service\n");
  EXPECT_EQ(zsh("nopo build --output ''", "", 4), "files\n");
}

TEST_F(CommandLineTest, FishCompletesCommandsAndTargets) {
  if (!Has("fish")) GTEST_SKIP() << "no fish";
  const auto fish = [&](const std::string& line) {
    const ProcessOutcome outcome =
        Run({"fish", "--no-config", "-c",
             absl::StrCat("nopo completion fish | source; complete -C '", line, "'")});
    EXPECT_EQ(outcome.err, "");
    return outcome.out;
  };
  EXPECT_EQ(fish("nopo lin"), "lint\tof lib\n");
  EXPECT_EQ(fish("nopo check "), "py\tof web\ntypes\tof web\nweb\tservice\n");
  EXPECT_EQ(fish("nopo up --progress=pl"), "--progress=plain\n");
}

}  // namespace
}  // namespace nopo
