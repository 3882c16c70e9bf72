// Whether a build is needed.
#pragma once

#include <string>

namespace nopo {

struct BuildDecision {
  bool up_to_date = false;  // Proven so.
  std::string reason;       // For people: what differs, or what proves that nothing does.
};

}  // namespace nopo
