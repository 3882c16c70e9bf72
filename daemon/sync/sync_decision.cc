#include "daemon/sync/sync_decision.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr size_t kReadSize = 64 * 1024;

absl::Status BadLockfile(const std::string& name, absl::string_view why) {
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                   absl::StrCat(name, ": ", why, "; expected a lockfile that can be read"));
}

absl::Status AddLockfile(const std::filesystem::path& root, const std::string& name,
                         Fingerprint& fingerprint) {
  fingerprint.Add(name);
  std::error_code error;
  const auto status = std::filesystem::status(root / name, error);
  fingerprint.Add(int64_t{std::filesystem::exists(status)});
  if (status.type() == std::filesystem::file_type::not_found) return absl::OkStatus();
  if (!std::filesystem::is_regular_file(status)) return BadLockfile(name, "this is no file");
  std::ifstream stream(root / name, std::ios::binary);
  std::array<char, kReadSize> bytes;
  while (stream.read(bytes.data(), bytes.size()) || stream.gcount() > 0) {
    fingerprint.Add(absl::string_view(bytes.data(), stream.gcount()));
  }
  if (stream.eof()) return absl::OkStatus();
  return BadLockfile(name, std::strerror(errno));
}

absl::Status LacksCommand(const DependencyManager& manager, absl::string_view mode) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
      absl::StrCat("--sync=", mode, ": '", manager.name, "' has no `", mode, "` command"),
      {absl::StrCat("give it one under `sync:` in nopo.yml, or leave --sync=", mode, " out")});
}

std::string WhyNow(const std::optional<BuildRecord>& record, const std::string& fingerprint) {
  if (!record.has_value()) return "no record of a sync";
  return record->fingerprint == fingerprint
             ? "asked for"
             : "its lockfile, the base image or the cache is another one, or what it installed "
               "is gone";
}

}  // namespace

absl::StatusOr<std::string> SyncFingerprint(const std::filesystem::path& root,
                                            const DependencyManager& manager,
                                            const SyncGround& ground) {
  Fingerprint fingerprint;
  fingerprint.Add(manager.name).Add(manager.offline).Add(manager.online).Add(manager.cache);
  fingerprint.Add(manager.env).Add(manager.program).Add(ground.image_id).Add(ground.volume_id);
  for (const std::string& lockfile : manager.lockfiles) {
    NOPO_RETURN_IF_ERROR(AddLockfile(root, lockfile, fingerprint));
  }
  return fingerprint.Hex();
}

std::string AsInstalled(const std::string& fingerprint, const std::filesystem::path& root,
                        const DependencyManager& manager) {
  std::error_code error;
  const bool is_there =
      !manager.installs.empty() && std::filesystem::exists(root / manager.installs, error);
  return Fingerprint().Add(fingerprint).Add(int64_t{is_there}).Hex();
}

absl::StatusOr<SyncDecision> DecideSync(const DependencyManager& manager, SyncMode mode,
                                        const std::optional<BuildRecord>& record,
                                        const std::string& fingerprint, bool volume_is_empty) {
  const bool is_known = record.has_value() && record->fingerprint == fingerprint;
  if (is_known && mode != SyncMode::kOnline) {
    return SyncDecision{.up_to_date = true, .reason = "unchanged"};
  }
  SyncDecision decision{.reason = WhyNow(record, fingerprint)};
  if (mode == SyncMode::kOffline && manager.offline.empty())
    return LacksCommand(manager, "offline");
  if (mode == SyncMode::kOnline && manager.online.empty()) return LacksCommand(manager, "online");
  decision.tries_online = mode != SyncMode::kOffline && !manager.online.empty();
  decision.tries_offline = mode != SyncMode::kOnline && !manager.offline.empty();
  if (mode != SyncMode::kAuto || !decision.tries_online) return decision;
  if (!decision.tries_offline) {
    decision.why_not_offline = "it has no offline command";
  } else if (volume_is_empty) {
    decision.tries_offline = false;
    decision.why_not_offline = "the cache is empty";
  }
  return decision;
}

std::string SyncRecordName(const Project& project, const DependencyManager& manager) {
  return absl::StrCat(project.root_name, ":sync:", manager.name);
}

}  // namespace nopo
