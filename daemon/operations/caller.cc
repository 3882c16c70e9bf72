#include "daemon/operations/caller.h"

#include <algorithm>
#include <thread>

namespace nopo {

std::string Caller::Variable(absl::string_view name) const {
  const auto found = environment.find(std::string(name));
  return found == environment.end() ? "" : found->second;
}

EventWishes Caller::Wishes() const {
  EventWishes wishes{.debug = DebugAreas::Parse(Variable("DEBUG"))};
  wishes.phases = report_phases || wishes.debug.Has(DebugArea::kTiming);
  return wishes;
}

void AddTerminalVariables(const Caller& caller, EnvironmentMap& env) {
  for (const char* name : {"TERM", "COLORTERM"}) {
    const std::string value = caller.Variable(name);
    if (!value.empty()) env.emplace(name, value);
  }
}

int EffectiveJobs(int jobs) {
  if (jobs > 0) return jobs;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace nopo
