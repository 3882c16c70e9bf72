#include "cli/completion_scripts.h"
#include "cli/subcommands/subcommands.h"
#include "common/error.h"

namespace nopo {

int RunCompletion(const Invocation& invocation) {
  const std::vector<std::string>& words = invocation.arguments.words;
  const std::string shell = words.size() == 1 ? words[0] : "";
  if (shell == "bash") {
    PrintResult(invocation, kBashCompletion);
  } else if (shell == "zsh") {
    PrintResult(invocation, kZshCompletion);
  } else if (shell == "fish") {
    PrintResult(invocation, kFishCompletion);
  } else {
    return Conclude(invocation, MakeError(absl::StatusCode::kInvalidArgument, Reason::kBadArguments,
                                          "which shell? usage: nopo completion bash|zsh|fish"));
  }
  return kExitOk;
}

}  // namespace nopo
