#include "cli/call.h"
#include "cli/caller.h"
#include "cli/pipe_through.h"
#include "cli/subcommands/subcommands.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "nopo/v1/project.grpc.pb.h"

namespace nopo {
namespace {

// Pictures are drawn here, from the text for Graphviz.
v1::GraphFormat FormatOf(const std::string& name) {
  if (name == "json") return v1::GRAPH_FORMAT_JSON;
  if (name == "mermaid") return v1::GRAPH_FORMAT_MERMAID;
  return v1::GRAPH_FORMAT_DOT;
}

absl::StatusOr<std::string> GetGraph(const Invocation& invocation) {
  v1::GetGraphRequest request;
  v1::GetGraphResponse response;
  NOPO_RETURN_IF_ERROR(FillCaller(invocation.arguments, *request.mutable_caller()));
  FillSelection(invocation.arguments, *request.mutable_selection());
  request.set_format(FormatOf(invocation.arguments.display.format));
  NOPO_RETURN_IF_ERROR(
      CallDaemon(invocation.daemon, Cancellation(), [&](const auto& channel, auto& context) {
        return v1::ProjectService::NewStub(channel)->GetGraph(&context, request, &response);
      }));
  invocation.daemon.observation().Receive(response.events());
  return response.output();
}

int DrawSvg(const Invocation& invocation, const std::string& dot) {
  const absl::StatusOr<int> exit_code = PipeThrough({"dot", "-Tsvg"}, dot);
  if (exit_code.ok()) return *exit_code;
  return Conclude(invocation,
                  MakeError(absl::StatusCode::kNotFound, Reason::kBadArguments,
                            "--format svg needs Graphviz's program `dot`, which is not on PATH",
                            {"install graphviz, or take another format: dot, mermaid, json"}));
}

}  // namespace

int RunGraph(const Invocation& invocation) {
  const absl::StatusOr<std::string> graph = GetGraph(invocation);
  if (!graph.ok()) return Conclude(invocation, graph.status());
  if (invocation.arguments.display.format == "svg") return DrawSvg(invocation, *graph);
  PrintResult(invocation, *graph);
  return kExitOk;
}

}  // namespace nopo
