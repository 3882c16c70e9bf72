#include "daemon/services/running_container.h"

#include <gtest/gtest.h>

#include "common/error.h"
#include "tests/unit/services/observed.h"

namespace nopo {
namespace {

// Of service web in project shop.
absl::StatusOr<Container> Choose(std::vector<Container> containers, int index = 0) {
  return RunningContainer(AnEngineWith(std::move(containers)), "shop", "web", index);
}

TEST(RunningContainerTest, IsTheOneWithTheLowestNumber) {
  EXPECT_EQ(Choose({AContainer("web", 10), AContainer("web", 2), AContainer("api", 1)})->name,
            "shop-web-2");
}

TEST(RunningContainerTest, PassesOverWhatDoesNotRun) {
  EXPECT_EQ(Choose({AContainer("web", 1).Exited(1), AContainer("web", 2)})->name, "shop-web-2");
}

TEST(RunningContainerTest, MayBePausedWhichTheEngineExplains) {
  EXPECT_EQ(Choose({AContainer("web", 1).In(ContainerState::kPaused)})->name, "shop-web-1");
}

TEST(RunningContainerTest, IsTheOneThatIsAskedFor) {
  EXPECT_EQ(Choose({AContainer("web", 1), AContainer("web", 2)}, 2)->name, "shop-web-2");
}

TEST(RunningContainerTest, WithoutAnySaysHowToStartOne) {
  const absl::Status status =
      Choose({AContainer("web").In(ContainerState::kRestarting), AContainer("api"),
              AContainer("web", 2).Label(kLabelOneOff, "True")})
          .status();

  EXPECT_EQ(ExitCodeOf(status), 5);
  EXPECT_EQ(status.message(), "web has no running container; `nopo up web` starts it");
}

TEST(RunningContainerTest, WithAnotherNumberSaysWhichThereAre) {
  const absl::Status status =
      Choose({AContainer("web", 1), AContainer("web", 3), AContainer("web", 2).Exited(0)}, 2)
          .status();

  EXPECT_EQ(ExitCodeOf(status), 3);
  EXPECT_EQ(status.message(), "web has no running container 2; the running ones are 1, 3");
}

}  // namespace
}  // namespace nopo
