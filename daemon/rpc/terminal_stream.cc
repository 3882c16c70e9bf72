#include "daemon/rpc/terminal_stream.h"

#include <algorithm>
#include <utility>

#include "common/error.h"
#include "daemon/rpc/request_translation.h"

namespace nopo {
namespace {

constexpr absl::string_view kEndOfInput = "\x04";  // Ctrl-D
constexpr int kMaxCells = 10'000;                  // In a row or column of a terminal.

TerminalSize SizeFromProto(const v1::TerminalSize& size) {
  return {.columns = std::clamp(size.columns(), 1, kMaxCells),
          .rows = std::clamp(size.rows(), 1, kMaxCells)};
}

}  // namespace

TerminalStream::TerminalStream(OperationPool& pool, OperationIndex& index, std::string name,
                               const absl::Status& refused, const Workspace& workspace)
    : EventStream(pool, index, std::move(name)), workspace_(workspace) {
  if (!refused.ok()) {
    Refuse(refused);
    return;
  }
  absl::StatusOr<std::unique_ptr<ClientTerminal>> terminal = ClientTerminal::Create();
  if (!terminal.ok()) {
    Refuse(terminal.status());
    return;
  }
  terminal_ = *std::move(terminal);
  StartRead(&request_);
}

void TerminalStream::OnReadDone(bool ok) {
  if (!ok) {
    if (begun_) terminal_->Type(kEndOfInput);
    if (!begun_) Refuse(absl::InvalidArgumentError("no request was sent"));
    return;
  }
  if (request_.has_size()) terminal_->Resize(SizeFromProto(request_.size()));
  if (!begun_) {
    BeginRun();
  } else {
    terminal_->Type(request_.typed());
  }
  terminal_->WhenWanted([this] { StartRead(&request_); });
}

void TerminalStream::OnCancel() {
  if (terminal_ != nullptr) terminal_->HangUp();
  EventStream::OnCancel();
}

void TerminalStream::OutputWritten(size_t bytes) {
  if (terminal_ != nullptr) terminal_->Shown(bytes);
}

void TerminalStream::BeginRun() {
  begun_ = true;
  absl::StatusOr<RunCommandOptions> options = RunCommandOptionsFromProto(request_.run());
  EventWishes wishes = options.ok() ? options->caller.Wishes() : EventWishes();
  if (options.ok()) options->terminal = terminal_.get();
  Begin(std::move(wishes),
        [this, options = std::move(options)](EventSink& events, const Cancellation& cancellation) {
          if (!options.ok()) return options.status();
          return RunCommand(workspace_, *options, events, cancellation);
        });
}

void TerminalStream::Refuse(absl::Status status) {
  Begin(EventWishes(),
        [status = std::move(status)](EventSink&, const Cancellation&) { return status; });
}

}  // namespace nopo
