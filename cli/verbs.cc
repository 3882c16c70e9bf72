#include "cli/verbs.h"

#include <algorithm>
#include <array>

namespace nopo {
namespace {

constexpr std::array<VerbDescription, 11> kVerbs = {{
    {"up", "nopo up [TARGET...] [OPTIONS]",
     "Build and start services, and wait until they are healthy"},
    {"down", "nopo down [TARGET...] [OPTIONS]",
     "Stop and remove the project's containers and network"},
    {"build", "nopo build [TARGET...] [OPTIONS]", "Build packages and images"},
    {"run", "nopo run COMMAND [SUB...] [TARGET...] [OPTIONS] [-- ARGUMENT...]",
     "Run a command of the project in containers"},
    {"list", "nopo list [OPTIONS]", "List the project's targets"},
    {"status", "nopo status [TARGET...] [OPTIONS]", "Show what runs"},
    {"logs", "nopo logs [TARGET...] [OPTIONS]", "Show the logs of services"},
    {"daemon", "nopo daemon start|stop|restart|status|logs [OPTIONS]", "Control the daemon"},
    {"completion", "nopo completion bash|zsh|fish", "Print a completion script for a shell"},
    {"version", "nopo version", "Print the version"},
    {"help", "nopo help [COMMAND]", "Explain a command"},
}};

constexpr std::array<absl::string_view, 7> kReserved = {"pull",  "env",     "exec",  "watch",
                                                        "graph", "command", "doctor"};

}  // namespace

absl::Span<const VerbDescription> BuiltInVerbs() { return kVerbs; }

const VerbDescription* FindVerb(absl::string_view name) {
  const auto found = std::find_if(kVerbs.begin(), kVerbs.end(),
                                  [&](const VerbDescription& verb) { return verb.name == name; });
  return found == kVerbs.end() ? nullptr : &*found;
}

bool IsReservedVerb(absl::string_view name) {
  return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

std::vector<std::string> BuiltInVerbNames() {
  std::vector<std::string> names;
  for (const VerbDescription& verb : kVerbs) names.emplace_back(verb.name);
  return names;
}

}  // namespace nopo
