#include "common/logging.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {
constexpr size_t kFileSize = 5 << 20;
constexpr size_t kOldFiles = 3;
}  // namespace

absl::Status StartLogFile(const std::filesystem::path& file, absl::string_view level) {
  try {
    auto logger = spdlog::rotating_logger_mt("nopod", file.string(), kFileSize, kOldFiles);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l [%t] %v");
    logger->set_level(spdlog::level::from_str(std::string(level)));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
    return absl::OkStatus();
  } catch (const spdlog::spdlog_ex& error) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot write the log ", file.string(), ": ", error.what()));
  }
}

void LogInfo(absl::string_view line) { spdlog::info("{}", std::string(line)); }
void LogWarning(absl::string_view line) { spdlog::warn("{}", std::string(line)); }
void LogError(absl::string_view line) { spdlog::error("{}", std::string(line)); }

}  // namespace nopo
