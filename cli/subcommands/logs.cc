#include "cli/caller.h"
#include "cli/subcommands/operation.h"
#include "cli/subcommands/subcommands.h"
#include "common/status_macros.h"
#include "nopo/v1/lifecycle.grpc.pb.h"

namespace nopo {
namespace {

absl::Status FillRequest(const Arguments& arguments, v1::StreamLogsRequest& request) {
  NOPO_RETURN_IF_ERROR(FillCaller(arguments, *request.mutable_caller()));
  FillSelection(arguments, *request.mutable_selection());
  request.set_follow(arguments.logs.follow);
  request.set_tail(arguments.logs.tail);
  request.set_timestamps(arguments.logs.timestamps);
  return absl::OkStatus();
}

}  // namespace

int RunLogs(const Invocation& invocation) {
  v1::StreamLogsRequest request;
  const absl::Status filled = FillRequest(invocation.arguments, request);
  if (!filled.ok()) return Conclude(invocation, filled);
  return RunOperation<v1::StreamLogsResponse>(
      invocation,
      {.title = "logs",
       .output_is_result = true,
       .ends_by_interrupt = invocation.arguments.logs.follow},
      [&](const auto& channel, auto& context) {
        return v1::LifecycleService::NewStub(channel)->StreamLogs(&context, request);
      });
}

}  // namespace nopo
