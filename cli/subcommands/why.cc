#include "cli/call.h"
#include "cli/caller.h"
#include "cli/subcommands/answer.h"
#include "cli/subcommands/dockerfile_options.h"
#include "cli/subcommands/subcommands.h"
#include "common/status_macros.h"
#include "nopo/v1/build.grpc.pb.h"

namespace nopo {
namespace {

absl::Status Explain(const Invocation& invocation, v1::ExplainBuildsResponse& response) {
  v1::ExplainBuildsRequest request;
  NOPO_RETURN_IF_ERROR(FillCaller(invocation.arguments, *request.mutable_caller()));
  FillSelection(invocation.arguments, *request.mutable_selection());
  FillDockerfileOptions(invocation.arguments.build, request);
  request.set_format(FormatOf(invocation.arguments));
  return CallDaemon(invocation.daemon, Cancellation(), [&](const auto& channel, auto& context) {
    return v1::BuildService::NewStub(channel)->ExplainBuilds(&context, request, &response);
  });
}

}  // namespace

int RunWhy(const Invocation& invocation) { return AnswerUnary(invocation, Explain); }

}  // namespace nopo
