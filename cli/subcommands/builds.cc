#include "cli/call.h"
#include "cli/caller.h"
#include "cli/subcommands/answer.h"
#include "cli/subcommands/subcommands.h"
#include "common/status_macros.h"
#include "nopo/v1/build.grpc.pb.h"

namespace nopo {
namespace {

absl::Status List(const Invocation& invocation, v1::ListBuildsResponse& response) {
  v1::ListBuildsRequest request;
  NOPO_RETURN_IF_ERROR(FillCaller(invocation.arguments, *request.mutable_caller()));
  FillSelection(invocation.arguments, *request.mutable_selection());
  request.set_limit(invocation.arguments.build.limit);
  request.set_format(FormatOf(invocation.arguments));
  return CallDaemon(invocation.daemon, Cancellation(), [&](const auto& channel, auto& context) {
    return v1::BuildService::NewStub(channel)->ListBuilds(&context, request, &response);
  });
}

}  // namespace

int RunBuilds(const Invocation& invocation) { return AnswerUnary(invocation, List); }

}  // namespace nopo
