// A call whose requests go on with what the user types, or what standard input has.
#pragma once

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include "absl/strings/string_view.h"
#include "cli/subcommands/operation.h"
#include "cli/terminal.h"
#include "cli/user_terminal.h"

namespace nopo {

template <typename Request>
void FillTerminalSize(TerminalSize size, Request& request) {
  request.mutable_size()->set_columns(size.columns);
  request.mutable_size()->set_rows(size.rows);
}

// Sends `first` with the terminal's size, shows what is answered, and forwards from `terminal` what
// a task asks for meanwhile. `Request` has `typed` and `size`, and `typed_all` if a task may have
// the input plainly.
template <typename Request, typename Response>
grpc::Status TalkOnTerminal(grpc::ClientReaderWriter<Request, Response>& stream,
                            grpc::ClientContext& context, Request first, OperationDisplay& display,
                            UserTerminal& terminal) {
  FillTerminalSize(ReadTerminalSize(STDIN_FILENO), first);
  // When it cannot be written the daemon has refused the call, which Finish tells.
  stream.Write(first);
  UserTerminal::Receiver receiver{.typed =
                                      [&](absl::string_view bytes) {
                                        Request typed;
                                        typed.set_typed(bytes.data(), bytes.size());
                                        return stream.Write(typed);
                                      },
                                  .resized =
                                      [&](TerminalSize size) {
                                        Request resized;
                                        FillTerminalSize(size, resized);
                                        return stream.Write(resized);
                                      }};
  if constexpr (requires(Request request) { request.set_typed_all(true); }) {
    receiver.typed_all = [&] {
      Request end;
      end.set_typed_all(true);
      stream.Write(end);
    };
  }
  if (!terminal.Connect(std::move(receiver)).ok()) context.TryCancel();
  return ShowEvents<Response>(stream, context, display, [&] { terminal.Disconnect(); });
}

}  // namespace nopo
