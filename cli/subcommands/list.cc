#include "absl/strings/str_cat.h"
#include "cli/call.h"
#include "cli/caller.h"
#include "cli/subcommands/subcommands.h"
#include "common/status_macros.h"
#include "nopo/v1/project.grpc.pb.h"

namespace nopo {
namespace {

v1::OutputFormat FormatOf(const std::string& name) {
  if (name == "json") return v1::OUTPUT_FORMAT_JSON;
  if (name == "csv") return v1::OUTPUT_FORMAT_CSV;
  return v1::OUTPUT_FORMAT_TEXT;
}

absl::Status List(const Invocation& invocation, v1::ListTargetsResponse& response) {
  v1::ListTargetsRequest request;
  NOPO_RETURN_IF_ERROR(FillCaller(invocation.arguments, *request.mutable_caller()));
  FillSelection(invocation.arguments, *request.mutable_selection());
  request.set_format(FormatOf(invocation.arguments.display.format));
  request.set_validate(invocation.arguments.validate);
  return CallDaemon(invocation.daemon, Cancellation(), [&](const auto& channel, auto& context) {
    return v1::ProjectService::NewStub(channel)->ListTargets(&context, request, &response);
  });
}

}  // namespace

int RunList(const Invocation& invocation) {
  v1::ListTargetsResponse response;
  const absl::Status outcome = List(invocation, response);
  invocation.daemon.observation().Receive(response.events());
  for (const std::string& warning : response.warnings()) {
    invocation.console.error(absl::StrCat("warning: ", warning, "\n"));
  }
  PrintResult(invocation, response.output());
  return Conclude(invocation, outcome);
}

}  // namespace nopo
