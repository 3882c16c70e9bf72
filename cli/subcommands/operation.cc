#include "cli/subcommands/operation.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "cli/progress/event_text.h"
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
          .out_is_terminal = terminal.one_terminal || WantsJson(invocation),
          .terminal_size = [] { return ReadTerminalSize(STDERR_FILENO); }};
}

}  // namespace

OperationDisplay::OperationDisplay(const Invocation& invocation, const OperationKind& kind)
    : invocation_(invocation),
      terminal_(kind.terminal),
      ends_by_interrupt_(kind.ends_by_interrupt),
      renderer_(MakeRenderer(OptionsFor(invocation, kind), ConsoleFor(invocation))),
      signals_(blocked_, cancellation_, Actions()) {
  invocation.daemon.observation().ShowThrough([this](const v1::Event& event) {
    if (on_terminal_.empty()) {
      renderer_->Show(event);
    } else {
      ShowTerminal(event);
    }
  });
}

OperationDisplay::~OperationDisplay() { invocation_.daemon.observation().ShowThrough(nullptr); }

SignalActions OperationDisplay::Actions() {
  if (terminal_ == nullptr) {
    return {.resized = [this] { renderer_->Resized(); },
            .stopping = [] {},
            .continued = [this] { renderer_->Resized(); },
            .leaving = [] {}};
  }
  return {.resized =
              [this] {
                renderer_->Resized();
                terminal_->Resized();
              },
          .stopping = [this] { terminal_->Suspend(); },
          .continued =
              [this] {
                renderer_->Resized();
                terminal_->Resume();
              },
          .leaving = [] { RawMode::Restore(); }};
}

void OperationDisplay::Show(const v1::Event& event) {
  Display(event);
  invocation_.daemon.observation().Note(event);
}

void OperationDisplay::Display(const v1::Event& event) {
  if (terminal_ != nullptr && event.has_terminal_attached()) Attach(event.terminal_attached());
  if (!on_terminal_.empty()) {
    ShowTerminal(event);
    return;
  }
  if (event.has_result_ready()) {
    const v1::ResultReady& result = event.result_ready();
    result_ = WantsJson(invocation_) ? result.json() : result.output();
  }
  renderer_->Show(event);
}

void OperationDisplay::Attach(const v1::TerminalAttached& attached) {
  if (attached.plain()) {
    terminal_->AttachPlain();
    if (invocation_.arguments.display.progress == "json") return;
  }
  on_terminal_ = attached.task();
  renderer_->HandOver();
  if (!attached.plain()) terminal_->Attach();
}

void OperationDisplay::ShowTerminal(const v1::Event& event) {
  const Console& console = invocation_.console;
  if (event.has_task_output()) {
    const v1::TaskOutput& output = event.task_output();
    const bool is_error = output.stream() == v1::TaskOutput::STREAM_STDERR;
    (is_error ? console.error : console.out)(output.data());
  }
  if (event.has_task_finished()) terminal_->Detach();
  if (event.has_log_written()) {
    absl::StrAppend(&held_, LogLine(event.log_written(), Palette(false)), "\n");
  }
}

int OperationDisplay::Finish(const absl::Status& outcome) {
  invocation_.daemon.observation().ShowTable();
  if (on_terminal_.empty()) {
    const bool is_meant = ends_by_interrupt_ && ReasonOf(outcome) == Reason::kInterrupted;
    renderer_->Finish(is_meant ? absl::OkStatus() : outcome);
    PrintResult(invocation_, result_);
    return ExitCodeOf(outcome);
  }
  terminal_->Detach();
  invocation_.console.error(held_);
  return ReasonOf(outcome) == Reason::kTaskFailed ? ExitCodeOf(outcome)
                                                  : Conclude(invocation_, outcome);
}

}  // namespace nopo
