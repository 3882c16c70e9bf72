// `nopo exec TARGET COMMAND`: any command in a running container of a service.
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/caller.h"
#include "cli/subcommands/operation.h"
#include "cli/subcommands/subcommands.h"
#include "cli/subcommands/terminal_call.h"
#include "cli/subcommands/variables.h"
#include "cli/verbs.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "nopo/v1/commands.grpc.pb.h"

namespace nopo {
namespace {

absl::Status CheckWords(const Arguments& arguments) {
  if (!arguments.words.empty() && !arguments.task_arguments.empty()) return absl::OkStatus();
  const std::string missing = arguments.words.empty() ? "in which service, and which command?"
                                                      : absl::StrCat("which command is to run in ",
                                                                     arguments.words[0], "?");
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                   absl::StrCat(missing, " usage: ", VerbOf(arguments).Usage()));
}

absl::Status FillStart(const Arguments& arguments, v1::ExecStart& start) {
  NOPO_RETURN_IF_ERROR(CheckWords(arguments));
  NOPO_RETURN_IF_ERROR(FillCaller(arguments, *start.mutable_caller()));
  FillSelection(arguments, *start.mutable_selection());
  FillExecution(arguments, *start.mutable_execution());
  for (const std::string& word : arguments.task_arguments) start.add_command(word);
  const ExecArguments& exec = arguments.exec;
  start.set_index(exec.index);
  FillVariables(exec.env, *start.mutable_env());
  start.set_working_dir(exec.working_dir);
  start.set_user(exec.user);
  start.set_privileged(exec.privileged);
  start.set_detach(exec.detach);
  return absl::OkStatus();
}

}  // namespace

int RunExec(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  v1::ExecRequest first;
  const absl::Status filled = FillStart(arguments, *first.mutable_start());
  if (!filled.ok()) return Conclude(invocation, filled);
  first.mutable_start()->set_terminal(!arguments.exec.no_terminal &&
                                      MayLendTerminal(arguments, invocation.terminal));
  UserTerminal terminal;
  OperationDisplay display(invocation,
                           {.title = "exec", .output_is_result = true, .terminal = &terminal});
  const absl::Status outcome = CallDaemon(
      invocation.daemon, display.cancellation(), [&](const auto& channel, auto& context) {
        const auto stream = v1::CommandsService::NewStub(channel)->Exec(&context);
        return TalkOnTerminal(*stream, context, first, display, terminal);
      });
  return display.Finish(outcome);
}

}  // namespace nopo
