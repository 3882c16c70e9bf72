#include "cli/caller.h"
#include "cli/subcommands/operation.h"
#include "cli/subcommands/subcommands.h"
#include "nopo/v1/build.grpc.pb.h"

namespace nopo {

int RunPull(const Invocation& invocation) {
  v1::PullRequest request;
  const absl::Status filled = FillCaller(invocation.arguments, *request.mutable_caller());
  if (!filled.ok()) return Conclude(invocation, filled);
  FillSelection(invocation.arguments, *request.mutable_selection());
  FillExecution(invocation.arguments, *request.mutable_execution());
  request.set_force(invocation.arguments.pull.force);
  return RunOperation<v1::PullResponse>(
      invocation, {.title = "pull"}, [&](const auto& channel, auto& context) {
        return v1::BuildService::NewStub(channel)->Pull(&context, request);
      });
}

}  // namespace nopo
