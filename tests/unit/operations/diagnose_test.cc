#include "daemon/operations/diagnose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/error.h"
#include "tests/unit/commands/sample_project.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

OpenedProject Opened(Project project) {
  return {.project = std::make_shared<const Project>(std::move(project))};
}

TEST(DiagnoseTest, NamesTheEngineThatAnswers) {
  const Check check = JudgeEngine("unix:///run/docker.sock", std::string("26.1.5 (API 1.45)"));
  EXPECT_TRUE(check.ok);
  EXPECT_EQ(check.detail, "Docker 26.1.5 (API 1.45) at unix:///run/docker.sock");
  EXPECT_THAT(check.remedy, IsEmpty());
}

TEST(DiagnoseTest, SaysWhatToDoWithoutAnEngine) {
  const Check check =
      JudgeEngine("", MakeError(absl::StatusCode::kUnavailable, Reason::kEngineUnavailable,
                                "nobody answers at unix:///run/docker.sock"));
  EXPECT_FALSE(check.ok);
  EXPECT_EQ(check.detail, "nobody answers at unix:///run/docker.sock");
  EXPECT_THAT(check.remedy, HasSubstr("DOCKER_HOST"));
}

TEST(DiagnoseTest, SaysWhatToDoWithoutTheRightToUseTheEngine) {
  const Check check = JudgeEngine(
      "", MakeError(absl::StatusCode::kPermissionDenied, Reason::kPermission, "permission denied"));
  EXPECT_THAT(check.remedy, HasSubstr("usermod"));
}

TEST(DiagnoseTest, GivesTheAdviceThatAnErrorBrings) {
  const Check check = JudgeEngine("", MakeError(absl::StatusCode::kUnavailable,
                                                Reason::kEngineUnavailable, "x", {"do a", "b"}));
  EXPECT_EQ(check.remedy, "do a; b");
}

TEST(DiagnoseTest, WantsAnEngineThatHasBuildkit) {
  EXPECT_TRUE(JudgeBuildkit(EngineVersion{.api_version = "1.41", .os = "linux"}).ok);
  EXPECT_FALSE(JudgeBuildkit(EngineVersion{.api_version = "1.38", .os = "linux"}).ok);
  EXPECT_FALSE(JudgeBuildkit(EngineVersion{.api_version = "1.45", .os = "windows"}).ok);
  EXPECT_FALSE(JudgeBuildkit(absl::UnavailableError("gone")).ok);
}

TEST(DiagnoseTest, FindsNothingWrongWithAGoodProjectNorWithNone) {
  const Check good = JudgeProject(Opened(ProjectWith({AService("web", {})})));
  EXPECT_TRUE(good.ok);
  EXPECT_EQ(good.detail, "Shop in /shop, 1 target(s)");
  EXPECT_TRUE(JudgeProject(absl::NotFoundError("no nopo.yml")).ok);
}

TEST(DiagnoseTest, FindsABrokenProjectAndTellsOfWarningsOnly) {
  const Check broken = JudgeProject(
      MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration, "nopo.yml:1:1: bad"));
  EXPECT_FALSE(broken.ok);
  EXPECT_EQ(broken.detail, "nopo.yml:1:1: bad");
  Project project = ProjectWith({});
  project.warnings = {"unknown key"};
  const Check warned = JudgeProject(Opened(project));
  EXPECT_TRUE(warned.ok);
  EXPECT_THAT(warned.detail, HasSubstr("1 warning(s) of `nopo list --validate`"));
}

TEST(DiagnoseTest, WantsAStateFolderWithRightsAndRoom) {
  EXPECT_TRUE(JudgeDisk("/state", true, 10'000'000'000).ok);
  EXPECT_THAT(JudgeDisk("/state", false, 10'000'000'000).detail, HasSubstr("cannot be written"));
  const Check full = JudgeDisk("/state", true, 5'000'000);
  EXPECT_FALSE(full.ok);
  EXPECT_EQ(full.detail, "/state has only 5 MB left");
}

TEST(DiagnoseTest, WantsMoreWatchesThanOldKernelsAllow) {
  EXPECT_TRUE(JudgeWatchLimit("524288").ok);
  EXPECT_FALSE(JudgeWatchLimit("8192").ok);
  EXPECT_THAT(JudgeWatchLimit("8192").remedy, HasSubstr("max_user_watches"));
  EXPECT_TRUE(JudgeWatchLimit("").ok);
}

}  // namespace
}  // namespace nopo
