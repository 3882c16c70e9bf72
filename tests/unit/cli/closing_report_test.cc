#include "cli/progress/closing_report.h"

#include <gtest/gtest.h>

#include "cli/progress/event_text.h"
#include "common/error.h"
#include "tests/unit/cli/events.h"

namespace nopo {
namespace {

TEST(ClosingReportTest, IsTheSummaryWhenAllWentWell) {
  ProgressModel model;
  model.Apply(Result("3 services are up"), absl::UnixEpoch());
  EXPECT_EQ(ClosingReport(model, absl::OkStatus(), {}, Palette(false)), "3 services are up\n");
  EXPECT_EQ(ClosingReport(model, absl::OkStatus(), {.with_summary = false}, Palette(false)), "");
}

TEST(ClosingReportTest, ColoursOnlyOnRequest) {
  const absl::Status error = absl::InternalError("x");
  EXPECT_EQ(ErrorReport(error, Palette(false)), "error: x\n");
  EXPECT_EQ(ErrorReport(error, Palette(true)), "\033[31merror:\033[0m x\n");
}

TEST(TookTextTest, IsAsExactAsIsUseful) {
  EXPECT_EQ(TookText(absl::Milliseconds(40)), "0.0s");
  EXPECT_EQ(TookText(absl::Milliseconds(12345)), "12.3s");
  EXPECT_EQ(TookText(absl::Seconds(125)), "2m 05s");
  EXPECT_EQ(TookText(absl::Minutes(61)), "1h 01m");
  EXPECT_EQ(WholeSeconds(absl::Milliseconds(59999)), "59s");
}

}  // namespace
}  // namespace nopo
