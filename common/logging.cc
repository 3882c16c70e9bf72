#include "common/logging.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {
constexpr size_t kFileSize = 5 << 20;
constexpr size_t kOldFiles = 3;

// spdlog takes any other word for "off".
bool IsLevel(absl::string_view level) {
  constexpr std::array<absl::string_view, 5> kLevels = {"trace", "debug", "info", "warn", "error"};
  return std::find(kLevels.begin(), kLevels.end(), absl::AsciiStrToLower(level)) != kLevels.end();
}

spdlog::level::level_enum LevelOf(absl::string_view level) {
  return IsLevel(level) ? spdlog::level::from_str(absl::AsciiStrToLower(level))
                        : spdlog::level::info;
}

}  // namespace

absl::Status StartLogFile(const std::filesystem::path& file, absl::string_view level) {
  try {
    auto logger = spdlog::rotating_logger_mt("nopod", file.string(), kFileSize, kOldFiles);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l [%t] %v");
    logger->set_level(LevelOf(level));
    logger->flush_on(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
    if (!level.empty() && !IsLevel(level)) {
      LogWarning(absl::StrCat("LOG_LEVEL is '", level,
                              "'; accepted are trace, debug, info, warn and error"));
    }
    return absl::OkStatus();
  } catch (const spdlog::spdlog_ex& error) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot write the log ", file.string(), ": ", error.what()));
  }
}

void LogDebug(absl::string_view line) { spdlog::debug("{}", std::string(line)); }
void LogInfo(absl::string_view line) { spdlog::info("{}", std::string(line)); }
void LogWarning(absl::string_view line) { spdlog::warn("{}", std::string(line)); }
void LogError(absl::string_view line) { spdlog::error("{}", std::string(line)); }

}  // namespace nopo
