#include "common/debug_log.h"

namespace nopo {
namespace {

class SilentLog final : public DebugLog {
 public:
  SilentLog() : DebugLog(DebugAreas()) {}

 private:
  void WriteDebug(std::string /*area*/, std::string /*message*/) override {}
};

}  // namespace

DebugLog& NoDebugLog() {
  static SilentLog log;
  return log;
}

}  // namespace nopo
