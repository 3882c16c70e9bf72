#include "absl/strings/str_cat.h"
#include "cli/call.h"
#include "cli/caller.h"
#include "cli/subcommands/answer.h"
#include "cli/subcommands/subcommands.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "nopo/v1/environment.grpc.pb.h"

namespace nopo {
namespace {

absl::Status CheckArguments(const Arguments& arguments) {
  if (!arguments.words.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                     absl::StrCat("`nopo env` takes no '", arguments.words[0],
                                  "': the environment is that of the whole project"));
  }
  if (arguments.env.explain.empty() || (!arguments.env.diff && !arguments.env.force)) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                   "--explain changes nothing: it goes with neither --diff nor --force");
}

absl::Status Refresh(const Invocation& invocation, v1::RefreshEnvironmentResponse& response) {
  const Arguments& arguments = invocation.arguments;
  v1::RefreshEnvironmentRequest request;
  NOPO_RETURN_IF_ERROR(FillCaller(arguments, *request.mutable_caller()));
  request.set_diff_only(arguments.env.diff || arguments.execution.dry_run);
  request.set_force(arguments.env.force);
  request.set_format(FormatOf(arguments));
  return CallDaemon(invocation.daemon, Cancellation(), [&](const auto& channel, auto& context) {
    return v1::EnvironmentService::NewStub(channel)->RefreshEnvironment(&context, request,
                                                                        &response);
  });
}

absl::Status Explain(const Invocation& invocation, v1::ExplainVariableResponse& response) {
  const Arguments& arguments = invocation.arguments;
  v1::ExplainVariableRequest request;
  NOPO_RETURN_IF_ERROR(FillCaller(arguments, *request.mutable_caller()));
  request.set_key(arguments.env.explain);
  request.set_format(FormatOf(arguments));
  return CallDaemon(invocation.daemon, Cancellation(), [&](const auto& channel, auto& context) {
    return v1::EnvironmentService::NewStub(channel)->ExplainVariable(&context, request, &response);
  });
}

}  // namespace

int RunEnv(const Invocation& invocation) {
  const absl::Status checked = CheckArguments(invocation.arguments);
  if (!checked.ok()) return Conclude(invocation, checked);
  if (!invocation.arguments.env.explain.empty()) return AnswerUnary(invocation, Explain);
  return AnswerUnary(invocation, Refresh);
}

}  // namespace nopo
