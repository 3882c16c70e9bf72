// nopo-jq FILTER: writes what FILTER makes of the JSON on stdin, a compact line for each result.
//
// A program of its own: libjq exists only as a shared library, which the CLI, one static file,
// cannot load; and a filter may run for ever or need more memory than there is, which then costs
// nothing but this process. It ends with the process that started it.
//
// Exit code 3 for a filter that cannot be read or fails, with libjq's words on stderr.
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "common/exit_code.h"

extern "C" {  // Headers for C only.
#include <jv.h>

#include <jq.h>
}

namespace nopo {
namespace {

struct JqDeleter {
  void operator()(jq_state* jq) const { jq_teardown(&jq); }
};
using Jq = std::unique_ptr<jq_state, JqDeleter>;

// The text of `message`, which is consumed; another value as JSON.
std::string TextOf(jv message) {
  if (jv_get_kind(message) != JV_KIND_STRING) message = jv_dump_string(message, 0);
  std::string text(jv_string_value(message), jv_string_length_bytes(jv_copy(message)));
  jv_free(message);
  return text;
}

void PrintError(std::string text) {
  for (const std::string prefix : {"jq: error: ", "jq: "}) {
    if (text.rfind(prefix, 0) == 0) text.erase(0, prefix.size());
  }
  text.erase(text.find_last_not_of(" \n") + 1);
  ::fprintf(stderr, "error: --jq: %s\n", text.c_str());
}

// The last of several counts the others: "1 compile error".
void OnCompileError(void* /*unused*/, jv message) {
  const std::string text = TextOf(message);
  if (text.find("compile error") == std::string::npos) PrintError(text);
}

std::string ReadInput() {
  std::string input;
  char buffer[65536];
  for (size_t count = 0; (count = ::fread(buffer, 1, sizeof(buffer), stdin)) > 0;) {
    input.append(buffer, count);
  }
  return input;
}

// Takes over `error`, what stopped a filter; kExitOk for an ordinary end.
int ConcludeWith(jq_state* jq, jv error) {
  if (jq_halted(jq)) {
    jv_free(error);
    const jv code = jq_get_exit_code(jq);
    const bool is_error = jv_is_valid(code) && jv_number_value(code) != 0;
    jv_free(code);
    const jv message = jq_get_error_message(jq);
    if (!is_error) {
      jv_free(message);
      return kExitOk;
    }
    PrintError(jv_is_valid(message) ? TextOf(message) : "halted");
    return kExitBadArguments;
  }
  if (!jv_invalid_has_msg(jv_copy(error))) {
    jv_free(error);
    return kExitOk;
  }
  PrintError(TextOf(jv_invalid_get_msg(error)));
  return kExitBadArguments;
}

int ApplyTo(jq_state* jq, jv input) {
  jq_start(jq, input, 0);
  jv result = jq_next(jq);
  for (; jv_is_valid(result); result = jq_next(jq)) {
    const std::string line = TextOf(jv_dump_string(result, 0));
    ::fwrite(line.data(), 1, line.size(), stdout);
    ::fputc('\n', stdout);
  }
  return ConcludeWith(jq, result);
}

int Run(const char* filter) {
  const Jq jq(jq_init());
  if (jq == nullptr) return kExitTaskFailed;
  jq_set_error_cb(jq.get(), OnCompileError, nullptr);
  if (jq_compile(jq.get(), filter) == 0) return kExitBadArguments;
  const std::string text = ReadInput();
  if (text.empty()) return kExitOk;  // Only the filter was to be checked.
  const jv input = jv_parse_sized(text.data(), static_cast<int>(text.size()));
  if (!jv_is_valid(input)) return ConcludeWith(jq.get(), input);
  return ApplyTo(jq.get(), input);
}

}  // namespace
}  // namespace nopo

int main(int argc, char** argv) {
  if (argc != 2) {
    ::fprintf(stderr, "usage: nopo-jq FILTER; `nopo --jq` calls it\n");
    return nopo::kExitBadArguments;
  }
  const pid_t parent = ::getppid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) return nopo::kExitInterrupted;
  const int exit_code = nopo::Run(argv[1]);
  return ::fflush(stdout) == 0 ? exit_code : nopo::kExitTaskFailed;
}
