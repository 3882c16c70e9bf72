// Amounts as people write them in nopo.yml: CPUs, memory, durations, ports, words.
//
// Pure; empty for what does not parse. The k...Form texts say what is accepted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/project/project.h"

namespace nopo {

inline constexpr absl::string_view kCpusForm = "CPUs above 0, like '1', '0.5' or '500m'";
inline constexpr absl::string_view kMemoryForm =
    "memory above 0 and at most 1000000T, like '512Mi', '1G' or '256m'";
inline constexpr absl::string_view kDurationForm = "a duration like '10s' or '1m30s'";
inline constexpr absl::string_view kPortForm =
    "a port like '8080:80', '127.0.0.1:8080:80/udp' or "
    "'80'";

// "1", "0.5", "500m" in billionths of a CPU; above 0.
std::optional<int64_t> ParseCpus(absl::string_view text);
// Bytes, above 0. Ki Mi Gi Ti are powers of 1024, K M G T of 1000, and lower-case k m g t (with or
// without b) are Docker's, so powers of 1024 again.
std::optional<int64_t> ParseMemory(absl::string_view text);
// Compose's durations: numbers with the units us, ms, s, m, h; not negative.
std::optional<absl::Duration> ParseDuration(absl::string_view text);
// Compose's short port syntax "[[HOST_IP:]PUBLISHED:]TARGET[/PROTOCOL]"; ranges of one length on
// both sides become one port each.
std::optional<std::vector<PublishedPort>> ParsePorts(absl::string_view text);
// Words of a command line as a POSIX shell splits and unquotes them, without expansions. Empty when
// a quote is not closed.
std::optional<std::vector<std::string>> SplitWords(absl::string_view text);

}  // namespace nopo
