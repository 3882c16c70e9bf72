#include "daemon/build/step_excerpt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::string_view kStages =
    "FROM a AS Build\n"
    "WORKDIR /src\n"
    "RUN make\n"
    "FROM b\n"
    "# comment\n"
    "ENV X=1\n"
    "RUN setup\n"
    "COPY --from=build /src /app\n";

TEST(StepExcerptTest, MarksTheInstructionAndShowsTheLinesAroundIt) {
  EXPECT_THAT(StepExcerpt("FROM a\nCOPY . .\nRUN make\nCMD x\n", "[3/3] RUN make"),
              ElementsAre("  2 |     COPY . .", "  3 | >>> RUN make", "  4 |     CMD x"));
}

TEST(StepExcerptTest, MarksAllLinesOfAnInstruction) {
  EXPECT_THAT(StepExcerpt("FROM a\nRUN one && \\\n  # why\n  two\n", "[2/2] RUN one && two"),
              ElementsAre("  1 |     FROM a", "  2 | >>> RUN one && \\", "  3 | >>>   # why",
                          "  4 | >>>   two"));
}

TEST(StepExcerptTest, MarksAHereDocument) {
  EXPECT_THAT(StepExcerpt("FROM a\nRUN <<EOF\nmake\nEOF\nCMD x", "[2/2] RUN <<EOF"),
              ElementsAre("  1 |     FROM a", "  2 | >>> RUN <<EOF", "  3 | >>> make",
                          "  4 | >>> EOF", "  5 |     CMD x"));
}

TEST(StepExcerptTest, CountsWithinTheNamedStage) {
  EXPECT_THAT(StepExcerpt(kStages, "[build 3/3] RUN make"),
              ElementsAre("  2 |     WORKDIR /src", "  3 | >>> RUN make", "  4 |     FROM b"));
  EXPECT_THAT(
      StepExcerpt(kStages, "[linux/amd64 build 2/3] WORKDIR /src"),
      ElementsAre("  1 |     FROM a AS Build", "  2 | >>> WORKDIR /src", "  3 |     RUN make"));
}

TEST(StepExcerptTest, FindsAStageWithoutNameByItsPosition) {
  EXPECT_THAT(StepExcerpt(kStages, "[stage-1 2/3] RUN setup"),
              ElementsAre("  6 |     ENV X=1", "  7 | >>> RUN setup",
                          "  8 |     COPY --from=build /src /app"));
}

TEST(StepExcerptTest, FindsAnInstructionWhoseArgumentsBuildKitPutIn) {
  EXPECT_THAT(StepExcerpt("FROM a\nARG F=x\nCOPY $F /app", "[2/2] COPY x /app"),
              ElementsAre("  2 |     ARG F=x", "  3 | >>> COPY $F /app"));
}

TEST(StepExcerptTest, LeavesOutTheEndsOfWindowsLines) {
  EXPECT_THAT(StepExcerpt("FROM a\r\nRUN x\r\n", "[2/2] RUN x"),
              ElementsAre("  1 |     FROM a", "  2 | >>> RUN x"));
}

TEST(StepExcerptTest, HasNothingForStepsThatAreNotTheDockerfiles) {
  for (const char* step : {"", "[internal] load build context", "exporting to image",
                           "[9/9] RUN later", "[other 1/1] RUN make", "[x/y] RUN", "[2/2]"}) {
    EXPECT_THAT(StepExcerpt(kStages, step), IsEmpty()) << step;
  }
}

}  // namespace
}  // namespace nopo
