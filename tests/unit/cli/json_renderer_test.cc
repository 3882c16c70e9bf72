#include "cli/progress/json_renderer.h"

#include <gtest/gtest.h>

#include "common/error.h"
#include "tests/unit/cli/events.h"
#include "tests/unit/cli/recorded_console.h"

namespace nopo {
namespace {

TEST(JsonRendererTest, PrintsAnEventALineAndThenTheOutcome) {
  RecordedConsole recorded;
  JsonRenderer renderer({}, recorded.console());
  renderer.Show(Started("web:build"));
  renderer.Finish(
      MakeError(absl::StatusCode::kInternal, Reason::kBuildFailed, "broken", {"try \"again\""}));

  EXPECT_EQ(recorded.error,
            "{\"task_started\":{\"task\":\"web:build\"}}\n"
            "{\"outcome\":{\"exit_code\":5,\"reason\":\"BUILD_FAILED\",\"message\":\"broken\","
            "\"hints\":[\"try \\\"again\\\"\"]}}\n");
}

TEST(JsonRendererTest, LeavesTheOutputOfCommandsOnStdout) {
  RecordedConsole recorded;
  JsonRenderer renderer({.output_is_result = true}, recorded.console());
  renderer.Show(Output("web:lint", "fine\n"));
  renderer.Show(Output("web:lint", "careful\n", v1::TaskOutput::STREAM_STDERR));
  renderer.Finish(absl::OkStatus());
  EXPECT_EQ(recorded.out, "[web:lint] fine\n");
  EXPECT_EQ(recorded.error.find("careful"), std::string::npos) << "bytes are base64 in events";
}

}  // namespace
}  // namespace nopo
