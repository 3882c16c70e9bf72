#include "daemon/operations/caller.h"

#include <algorithm>
#include <thread>

namespace nopo {

std::string Caller::Variable(absl::string_view name) const {
  const auto found = environment.find(std::string(name));
  return found == environment.end() ? "" : found->second;
}

int EffectiveJobs(int jobs) {
  if (jobs > 0) return jobs;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace nopo
