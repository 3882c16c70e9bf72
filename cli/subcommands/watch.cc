#include "cli/subcommands/operation.h"
#include "cli/subcommands/subcommands.h"
#include "cli/subcommands/up_request.h"
#include "nopo/v1/lifecycle.grpc.pb.h"

namespace nopo {

int RunWatch(const Invocation& invocation) {
  v1::WatchRequest request;
  const absl::Status filled = FillUpRequest(invocation.arguments, *request.mutable_round());
  if (!filled.ok()) return Conclude(invocation, filled);
  return RunOperation<v1::WatchResponse>(
      invocation, {.title = "watch"}, [&](const auto& channel, auto& context) {
        return v1::LifecycleService::NewStub(channel)->Watch(&context, request);
      });
}

}  // namespace nopo
