#include "cli/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "cli/verbs.h"

namespace nopo {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

OptionDescription OptionOf(absl::string_view verb, const std::string& name) {
  for (const OptionDescription& option : OptionsOf(*FindVerb(verb))) {
    for (const std::string& its_name : option.names) {
      if (its_name == name) return option;
    }
  }
  ADD_FAILURE() << verb << " has no " << name;
  return {};
}

std::set<std::string> NamesOf(const Verb& verb) {
  std::set<std::string> names;
  for (const OptionDescription& option : OptionsOf(verb)) {
    names.insert(option.names.begin(), option.names.end());
  }
  return names;
}

TEST(OptionsTest, EveryVerbHasTheContractsCommonOptions) {
  std::vector<const Verb*> verbs = BuiltInVerbs();
  verbs.push_back(&VerbOf({}));
  for (const Verb* verb : verbs) {
    EXPECT_THAT(NamesOf(*verb),
                IsSupersetOf({"--filter", "-F", "--since", "--tags", "--jobs", "--dry-run",
                              "--context", "--progress", "--no-color", "--verbose", "--quiet", "-q",
                              "--help", "-h", "--version", "-V", "--project"}))
        << verb->name;
  }
}

TEST(OptionsTest, TellWhatAnOptionTakes) {
  EXPECT_THAT(OptionOf("up", "--filter").names, ElementsAre("-F", "--filter"));
  EXPECT_EQ(OptionOf("up", "--filter").value, "EXPR");
  EXPECT_EQ(OptionOf("up", "--context").value, "host|container");
  EXPECT_EQ(OptionOf("up", "--scale").value, "NAME=N");
  EXPECT_EQ(OptionOf("up", "--no-wait").value, "");
  EXPECT_EQ(OptionOf("list", "--format").value, "text|json|csv");
}

TEST(OptionsTest, JMeansJobsOnlyWhereTasksRun) {
  EXPECT_EQ(OptionOf("build", "-j").value, "N");
  EXPECT_EQ(OptionOf("list", "-j").value, "");
  EXPECT_THAT(OptionOf("status", "-j").names, ElementsAre("-j", "--json"));
}

TEST(OptionsTest, JsonIsOfferedWhereThereIsSome) {
  EXPECT_THAT(NamesOf(*FindVerb("doctor")), IsSupersetOf({"--json", "--jq"}));
  for (const char* verb : {"logs", "watch", "version", "help", "completion"}) {
    EXPECT_THAT(NamesOf(*FindVerb(verb)), Not(Contains("--json"))) << verb;
  }
}

TEST(OptionsTest, TheHelpHasAVerbsOwnOptionsAndNoneOfAnother) {
  const std::string help = OptionsHelp(*FindVerb("up"));
  EXPECT_THAT(help, HasSubstr("--no-deps"));
  EXPECT_THAT(help, HasSubstr("-F,--filter EXPR"));
  EXPECT_THAT(help, Not(HasSubstr("--no-cache")));
}

TEST(OptionsTest, TheHelpHasOfTheCommonOptionsThoseThatApply) {
  const std::string version = OptionsHelp(*FindVerb("version"));
  for (const char* option : {"--filter", "--jobs", "--progress", "--project", "--json"}) {
    EXPECT_THAT(version, Not(HasSubstr(option)));
  }
  EXPECT_THAT(version, HasSubstr("--help"));
  EXPECT_THAT(OptionsHelp(*FindVerb("list")), Not(HasSubstr("--fail-fast")));
  EXPECT_THAT(OptionsHelp(*FindVerb("list")), HasSubstr("--since"));
  EXPECT_THAT(OptionsHelp(*FindVerb("env")), Not(HasSubstr("--filter")));
  EXPECT_THAT(OptionsHelp(*FindVerb("logs")), HasSubstr("--progress"));
  EXPECT_THAT(OptionsHelp(VerbOf({})), HasSubstr("--fail-fast"));
}

TEST(OptionsTest, TheHelpTellsAVerbsOwnOptionsFromTheCommonOnes) {
  const std::string help = OptionsHelp(*FindVerb("up"));
  EXPECT_LT(help.find("--no-deps"), help.find("Common options"));
  EXPECT_GT(help.find("--filter"), help.find("Common options"));
}

TEST(VerbsTest, NameEachVerbOnce) {
  const std::vector<std::string> names = BuiltInVerbNames();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

TEST(VerbsTest, KeepTheContractsNamesForBuiltIns) {
  for (const char* name :
       {"build", "up", "down", "pull", "run", "list", "status", "env", "logs", "exec", "watch",
        "graph", "command", "daemon", "doctor", "completion", "version", "help"}) {
    EXPECT_NE(FindVerb(name), nullptr) << name;
  }
  EXPECT_EQ(FindVerb("lint"), nullptr);
  EXPECT_EQ(FindVerb(""), nullptr);
}

TEST(VerbsTest, SayHowTheyAreUsed) {
  EXPECT_EQ(FindVerb("up")->Usage(), "nopo up [TARGET...] [OPTIONS]");
  EXPECT_EQ(FindVerb("run")->Usage(),
            "nopo run COMMAND [SUB...] [TARGET...] [OPTIONS] [-- ARGUMENT...]");
  EXPECT_EQ(FindVerb("exec")->Usage(), "nopo exec [OPTIONS] TARGET COMMAND [ARGUMENT...]");
  EXPECT_EQ(VerbOf({}).Usage(), "nopo COMMAND [SUB...] [TARGET...] [OPTIONS] [-- ARGUMENT...]");
  EXPECT_EQ(FindVerb("version")->Usage(), "nopo version [OPTIONS]");
}

}  // namespace
}  // namespace nopo
