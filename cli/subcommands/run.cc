// `nopo run COMMAND` in containers, and `nopo COMMAND` for the project's own commands.
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/caller.h"
#include "cli/subcommands/operation.h"
#include "cli/subcommands/subcommands.h"
#include "cli/subcommands/terminal_call.h"
#include "cli/verbs.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/text.h"
#include "nopo/v1/commands.grpc.pb.h"

namespace nopo {
namespace {

v1::ExecutionContext ContextOf(const std::string& name) {
  if (name == "host") return v1::EXECUTION_CONTEXT_HOST;
  if (name == "container") return v1::EXECUTION_CONTEXT_CONTAINER;
  return v1::EXECUTION_CONTEXT_UNSPECIFIED;
}

absl::Status CheckWords(const Arguments& arguments) {
  if (arguments.words.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                     absl::StrCat("which command? usage: ", VerbOf(arguments).Usage()));
  }
  return absl::OkStatus();
}

absl::Status FillRequest(const Arguments& arguments, v1::RunRequest& request) {
  NOPO_RETURN_IF_ERROR(CheckWords(arguments));
  NOPO_RETURN_IF_ERROR(FillCaller(arguments, *request.mutable_caller()));
  FillSelection(arguments, *request.mutable_selection());
  request.mutable_selection()->clear_targets();
  FillExecution(arguments, *request.mutable_execution());
  for (const std::string& word : arguments.words) request.add_words(word);
  for (const std::string& word : arguments.task_arguments) request.add_arguments(word);
  if (arguments.verb.empty()) {
    for (const std::string& name : BuiltInVerbNames()) request.add_client_commands(name);
  }
  request.set_context(ContextOf(arguments.execution.context));
  request.set_in_container(arguments.verb == "run");
  return absl::OkStatus();
}

// The daemon corrects a mistyped command, but only where it finds a project.
absl::Status SuggestBuiltIn(const Arguments& arguments, absl::Status status) {
  const bool no_project = absl::IsNotFound(status) && ReasonOf(status) == Reason::kConfiguration;
  if (!no_project || !arguments.verb.empty()) return status;
  const std::optional<std::string> nearest = NearestName(arguments.words[0], BuiltInVerbNames());
  if (!nearest.has_value()) return status;
  return WithHint(std::move(status), absl::StrCat("did you mean `nopo ", *nearest, "`?"));
}

grpc::Status Run(v1::CommandsService::Stub& stub, grpc::ClientContext& context,
                 const v1::RunRequest& request, OperationDisplay& display) {
  const auto stream = stub.Run(&context, request);
  return ShowEvents<v1::RunResponse>(*stream, context, display);
}

grpc::Status RunOnTerminal(v1::CommandsService::Stub& stub, grpc::ClientContext& context,
                           const v1::RunRequest& request, OperationDisplay& display,
                           UserTerminal& terminal) {
  v1::RunOnTerminalRequest first;
  *first.mutable_run() = request;
  const auto stream = stub.RunOnTerminal(&context);
  return TalkOnTerminal(*stream, context, std::move(first), display, terminal);
}

}  // namespace

int RunProjectCommand(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  v1::RunRequest request;
  const absl::Status filled = FillRequest(arguments, request);
  if (!filled.ok()) return Conclude(invocation, filled);
  UserTerminal terminal;
  const bool lend = MayLendTerminal(arguments, invocation.terminal);
  OperationDisplay display(invocation, {.title = arguments.words[0],
                                        .output_is_result = true,
                                        .terminal = lend ? &terminal : nullptr});
  const absl::Status outcome = CallDaemon(
      invocation.daemon, display.cancellation(), [&](const auto& channel, auto& context) {
        const auto stub = v1::CommandsService::NewStub(channel);
        return lend ? RunOnTerminal(*stub, context, request, display, terminal)
                    : Run(*stub, context, request, display);
      });
  return display.Finish(SuggestBuiltIn(arguments, outcome));
}

}  // namespace nopo
