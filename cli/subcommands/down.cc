#include "cli/caller.h"
#include "cli/subcommands/operation.h"
#include "cli/subcommands/subcommands.h"
#include "common/status_macros.h"
#include "nopo/v1/lifecycle.grpc.pb.h"

namespace nopo {
namespace {

absl::Status FillRequest(const Arguments& arguments, v1::DownRequest& request) {
  NOPO_RETURN_IF_ERROR(FillCaller(arguments, *request.mutable_caller()));
  FillSelection(arguments, *request.mutable_selection());
  FillExecution(arguments, *request.mutable_execution());
  request.set_volumes(arguments.down.volumes);
  request.set_images(arguments.down.images);
  return absl::OkStatus();
}

}  // namespace

int RunDown(const Invocation& invocation) {
  v1::DownRequest request;
  const absl::Status filled = FillRequest(invocation.arguments, request);
  if (!filled.ok()) return Conclude(invocation, filled);
  return RunOperation<v1::DownResponse>(
      invocation, {.title = "down"}, [&](const auto& channel, auto& context) {
        return v1::LifecycleService::NewStub(channel)->Down(&context, request);
      });
}

}  // namespace nopo
