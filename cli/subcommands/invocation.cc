#include "cli/subcommands/invocation.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/progress/closing_report.h"
#include "common/error.h"

namespace nopo {

int Conclude(const Invocation& invocation, const absl::Status& status) {
  const bool colour =
      ChooseColour(invocation.arguments.display, invocation.terminal, ReadProcessEnvironment);
  if (!status.ok()) invocation.console.error(ErrorReport(status, Palette(colour)));
  return ExitCodeOf(status);
}

void PrintResult(const Invocation& invocation, absl::string_view text) {
  if (text.empty()) return;
  invocation.console.out(absl::EndsWith(text, "\n") ? std::string(text) : absl::StrCat(text, "\n"));
}

}  // namespace nopo
