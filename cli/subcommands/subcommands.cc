#include "cli/subcommands/subcommands.h"

#include <array>
#include <utility>

namespace nopo {
namespace {

constexpr std::array<std::pair<absl::string_view, Subcommand>, 11> kSubcommands = {{
    {"build", RunBuild},
    {"completion", RunCompletion},
    {"daemon", RunDaemon},
    {"down", RunDown},
    {"help", RunHelp},
    {"list", RunList},
    {"logs", RunLogs},
    {"run", RunProjectCommand},
    {"status", RunStatus},
    {"up", RunUp},
    {"version", RunVersion},
}};

}  // namespace

Subcommand FindSubcommand(absl::string_view verb) {
  for (const auto& [name, run] : kSubcommands) {
    if (name == verb) return run;
  }
  return RunProjectCommand;
}

}  // namespace nopo
