#include "daemon/project/compose_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "daemon/project/project_loader.h"
#include "tests/unit/project/temporary_project.h"

namespace nopo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string Interpolated(absl::string_view text) {
  const EnvironmentMap variables = {{"FOO", "foo"}, {"EMPTY", ""}};
  const absl::StatusOr<std::string> result =
      Interpolate(text, [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
      });
  return result.ok() ? *result : absl::StrCat("error: ", result.status().message());
}

TEST(InterpolateTest, PutsVariablesIn) {
  EXPECT_EQ(Interpolated("a $FOO/${FOO}b $NOPE${EMPTY}."), "a foo/foob .");
  EXPECT_EQ(Interpolated("$$FOO costs 1$$"), "$FOO costs 1$");
}

TEST(InterpolateTest, TellsUnsetFromEmptyByTheColon) {
  EXPECT_EQ(Interpolated("${FOO:-x}${EMPTY:-y}${EMPTY-z}${NOPE-u}"), "fooyu");
  EXPECT_EQ(Interpolated("${FOO:+x}${EMPTY:+y}${EMPTY+z}${NOPE+u}"), "xz");
}

TEST(InterpolateTest, ReadsNestedForms) {
  EXPECT_EQ(Interpolated("${NOPE:-a ${EMPTY:-$FOO}}!"), "a foo!");
  EXPECT_EQ(Interpolated("${FOO:-${NOPE:?never}}"), "foo");
}

TEST(InterpolateTest, NamesAVariableThatMustBeSet) {
  EXPECT_EQ(Interpolated("${NOPE:?say which}"), "error: the variable NOPE must be set: say which");
  EXPECT_EQ(Interpolated("${EMPTY:?}"), "error: the variable EMPTY must be set");
  EXPECT_EQ(Interpolated("${EMPTY?x}"), "");
}

TEST(InterpolateTest, RefusesOtherForms) {
  for (const char* text : {"$", "a $ b", "$1", "${", "${}", "${FOO", "${FOO!x}", "${A:-${B}"}) {
    EXPECT_THAT(Interpolated(text), HasSubstr("expected $NAME")) << text;
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "${A:-";
  EXPECT_THAT(Interpolated(deep), HasSubstr("expected $NAME"));
}

class ComposeTemplateTest : public testing::Test {
 protected:
  void SetUp() override { files_.Write("nopo.yml", "name: Shop\nos: {base: node}\n"); }
  // The target `web` with `compose`.
  absl::StatusOr<Target> Load(const std::string& compose) {
    files_.Write("apps/web/nopo.yml", absl::StrCat("image: nginx\ncompose:\n", compose));
    absl::StatusOr<LoadedProject> loaded = LoadProject(files_.root());
    if (!loaded.ok()) return loaded.status();
    return *loaded->project->FindTarget("web");
  }
  std::string Error(const Target& target) {
    const absl::Status status = WithVariables(target, {}, {}).status();
    EXPECT_EQ(ReasonOf(status), Reason::kConfiguration);
    return std::string(status.message());
  }

  TemporaryProject files_;
};

TEST_F(ComposeTemplateTest, TakesTheCallersVariablesBeforeThoseOfTheFile) {
  const auto target = Load(
      "  environment: [\"A=${A}\", \"B=${B}\", C]\n"
      "  ports: [\"${PORT:-8080}:80\"]\n"
      "  privileged: ${P}\n");
  ASSERT_TRUE(target.ok()) << target.status();

  const auto resolved =
      WithVariables(*target, {{"A", "caller"}, {"P", "true"}}, {{"A", "file"}, {"B", "file"}});

  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_THAT(resolved->compose.environment, ElementsAre(Pair("A", "caller"), Pair("B", "file")));
  EXPECT_EQ(resolved->compose.ports->at(0).published, "8080");
  EXPECT_EQ(resolved->compose.privileged, true);
}

TEST_F(ComposeTemplateTest, SaysWhereAVariableIsMissingOrItsValueDoesNotFit) {
  const auto missing = Load("  user: x\n  labels: {a: \"${NOPE:?which}\"}\n");
  ASSERT_TRUE(missing.ok()) << missing.status();
  EXPECT_EQ(Error(*missing),
            "apps/web/nopo.yml:4:15: compose.labels.a: the variable NOPE must be set: which");

  const auto unfit = Load("  ports: [\"x${PORT}\"]\n");
  ASSERT_TRUE(unfit.ok()) << unfit.status();
  EXPECT_THAT(Error(*unfit), HasSubstr("apps/web/nopo.yml:3:11: compose.ports[0]: found 'x'"));
}

TEST_F(ComposeTemplateTest, WhatHasNoVariablesIsCheckedWhenTheFileIsRead) {
  const absl::Status status = Load("  tty: maybe\n  user: $USER\n").status();

  EXPECT_THAT(status.message(), HasSubstr("apps/web/nopo.yml:3:8: compose.tty: found 'maybe'"));
}

}  // namespace
}  // namespace nopo
