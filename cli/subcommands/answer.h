// Verbs that ask the daemon once and print what it answers.
#pragma once

#include "absl/status/status.h"
#include "cli/call.h"
#include "cli/subcommands/subcommands.h"
#include "nopo/v1/request.pb.h"

namespace nopo {

// Of verbs that print text or JSON.
inline v1::OutputFormat FormatOf(const Arguments& arguments) {
  return arguments.display.format == "json" ? v1::OUTPUT_FORMAT_JSON : v1::OUTPUT_FORMAT_TEXT;
}

// Makes the call, prints `output` of its answer and tells its `events`; the exit code.
template <typename Response>
int AnswerUnary(const Invocation& invocation,
                absl::Status (*call)(const Invocation& invocation, Response& response)) {
  Response response;
  const absl::Status outcome = call(invocation, response);
  invocation.daemon.observation().Receive(response.events());
  PrintResult(invocation, response.output());
  return Conclude(invocation, outcome);
}

}  // namespace nopo
