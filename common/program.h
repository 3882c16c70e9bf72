// Runs another program for what it prints.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"

namespace nopo {

struct ProgramCall {
  std::vector<std::string> arguments;    // The first is the program's path.
  std::vector<std::string> environment;  // "K=V", all of it.
  // For its standard input; at most 4 KiB, which any pipe holds without anybody reading.
  std::string input;
};

struct ProgramOutcome {
  int exit_code = 0;  // -1 when a signal ended it.
  std::string out, err;
};

// Starts the program without a shell and blocks until it has ended. It inherits no descriptors and
// none of the signals that this process blocks or ignores. A cancelled one
// is killed with what it started.
//
// Errors:
//   NOT_FOUND  there is no such program
//   INTERNAL   it could not be started
//   CANCELLED
absl::StatusOr<ProgramOutcome> RunProgram(const ProgramCall& call,
                                          const Cancellation& cancellation);

// The file that `name` means to somebody whose PATH is `search_path`; "" when there is none that
// may be executed. A name with a '/' is a path already.
std::string FindProgram(absl::string_view name, absl::string_view search_path);

}  // namespace nopo
