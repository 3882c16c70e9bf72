#include "cli/subcommands/operation.h"
#include "cli/subcommands/subcommands.h"
#include "cli/subcommands/up_request.h"
#include "nopo/v1/lifecycle.grpc.pb.h"

namespace nopo {

int RunUp(const Invocation& invocation) {
  v1::UpRequest request;
  const absl::Status filled = FillUpRequest(invocation.arguments, request);
  if (!filled.ok()) return Conclude(invocation, filled);
  return RunOperation<v1::UpResponse>(
      invocation, {.title = "up"}, [&](const auto& channel, auto& context) {
        return v1::LifecycleService::NewStub(channel)->Up(&context, request);
      });
}

}  // namespace nopo
