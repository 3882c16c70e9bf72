#include "cli/subcommands/operation.h"

#include "common/error.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

bool WantsJson(const Invocation& invocation) {
  return invocation.arguments.display.format == "json";
}

// With --json stdout is for the result: what tasks print goes to stderr, or where events stand
// there, which tell it, nowhere.
Console ConsoleFor(const Invocation& invocation) {
  Console console = invocation.console;
  if (!WantsJson(invocation)) return console;
  console.out = console.error;
  if (invocation.arguments.display.progress == "json") console.out = [](absl::string_view) {};
  return console;
}

RendererOptions OptionsFor(const Invocation& invocation, const OperationKind& kind) {
  const DisplayArguments& display = invocation.arguments.display;
  const TerminalFacts& terminal = invocation.terminal;
  return {.mode = ChooseProgressMode(display, terminal, ReadProcessEnvironment),
          .title = kind.title,
          .colour = ChooseColour(display, terminal, ReadProcessEnvironment),
          .verbose = display.verbose,
          .output_is_result = kind.output_is_result,
          .bare_single_task = terminal.in_is_terminal && terminal.out_is_terminal,
          .out_is_terminal = terminal.one_terminal || WantsJson(invocation),
          .terminal_size = ReadTerminalSize};
}

}  // namespace

OperationDisplay::OperationDisplay(const Invocation& invocation, const OperationKind& kind)
    : invocation_(invocation),
      renderer_(MakeRenderer(OptionsFor(invocation, kind), ConsoleFor(invocation))),
      signals_(blocked_, cancellation_, [this] { renderer_->Resized(); }) {}

OperationDisplay::~OperationDisplay() = default;

void OperationDisplay::Show(const v1::Event& event) {
  if (event.has_result_ready()) {
    const v1::ResultReady& result = event.result_ready();
    result_ = WantsJson(invocation_) ? result.json() : result.output();
  }
  renderer_->Show(event);
}

int OperationDisplay::Finish(const absl::Status& outcome) {
  renderer_->Finish(outcome);
  PrintResult(invocation_, result_);
  return ExitCodeOf(outcome);
}

}  // namespace nopo
