#include "cli/call.h"
#include "cli/caller.h"
#include "cli/subcommands/subcommands.h"
#include "common/status_macros.h"
#include "nopo/v1/lifecycle.grpc.pb.h"

namespace nopo {
namespace {

absl::Status GetStatus(const Invocation& invocation, v1::GetStatusResponse& response) {
  const Arguments& arguments = invocation.arguments;
  v1::GetStatusRequest request;
  NOPO_RETURN_IF_ERROR(FillCaller(arguments, *request.mutable_caller()));
  FillSelection(arguments, *request.mutable_selection());
  request.set_format(arguments.display.format == "json" ? v1::OUTPUT_FORMAT_JSON
                                                        : v1::OUTPUT_FORMAT_TEXT);
  request.set_detailed(arguments.detailed);
  return CallDaemon(invocation.daemon, Cancellation(), [&](const auto& channel, auto& context) {
    return v1::LifecycleService::NewStub(channel)->GetStatus(&context, request, &response);
  });
}

}  // namespace

int RunStatus(const Invocation& invocation) {
  v1::GetStatusResponse response;
  const absl::Status outcome = GetStatus(invocation, response);
  invocation.daemon.observation().Receive(response.events());
  PrintResult(invocation, response.output());
  return Conclude(invocation, outcome);
}

}  // namespace nopo
