#include "daemon/project/quantities.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

TEST(ParseCpusTest, TakesDecimalsAndThousandths) {
  EXPECT_EQ(ParseCpus("1"), 1'000'000'000);
  EXPECT_EQ(ParseCpus("0.25"), 250'000'000);
  EXPECT_EQ(ParseCpus(".5"), 500'000'000);
  EXPECT_EQ(ParseCpus("500m"), 500'000'000);
}

TEST(ParseCpusTest, RefusesZeroSignsExponentsAndWords) {
  for (const char* text : {"", "0", "-1", "+1", "1e3", "1.2.3", ".", "1 ", "m", "1k", "nan",
                           "99999999", "0.0000000001"}) {
    EXPECT_EQ(ParseCpus(text), std::nullopt) << text;
  }
}

TEST(ParseMemoryTest, KnowsBinaryDecimalAndDockerUnits) {
  EXPECT_EQ(ParseMemory("1000"), 1000);
  EXPECT_EQ(ParseMemory("1.5Ki"), 1536);
  EXPECT_EQ(ParseMemory("512Mi"), 512LL << 20);
  EXPECT_EQ(ParseMemory("2Gi"), 2LL << 30);
  EXPECT_EQ(ParseMemory("1K"), 1000);
  EXPECT_EQ(ParseMemory("1M"), 1'000'000);
  EXPECT_EQ(ParseMemory("1G"), 1'000'000'000);
  EXPECT_EQ(ParseMemory("1k"), 1024);
  EXPECT_EQ(ParseMemory("256m"), 256LL << 20);
  EXPECT_EQ(ParseMemory("1gb"), 1LL << 30);
  EXPECT_EQ(ParseMemory("7b"), 7);
}

TEST(ParseMemoryTest, RefusesZeroAndUnknownUnits) {
  for (const char* text : {"", "0", "0Mi", "-1", "Mi", "1 Mi", "1MI", "1KiB", "99999999999G"}) {
    EXPECT_EQ(ParseMemory(text), std::nullopt) << text;
  }
}

TEST(ParseDurationTest, TakesComposeUnits) {
  EXPECT_EQ(ParseDuration("1m30s"), absl::Seconds(90));
  EXPECT_EQ(ParseDuration("500ms"), absl::Milliseconds(500));
  for (const char* text : {"", "10", "-1s", "inf", "1d", "s"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

std::vector<std::string> Ports(absl::string_view text) {
  std::vector<std::string> described;
  const std::optional<std::vector<PublishedPort>> ports = ParsePorts(text);
  if (!ports.has_value()) return {"malformed"};
  for (const PublishedPort& port : *ports) {
    described.push_back(port.host_ip + "|" + port.published + "|" + std::to_string(port.target) +
                        "|" + port.protocol);
  }
  return described;
}

TEST(ParsePortsTest, ReadsTheShortSyntax) {
  EXPECT_THAT(Ports("80"), ElementsAre("||80|tcp"));
  EXPECT_THAT(Ports("8080:80/udp"), ElementsAre("|8080|80|udp"));
  EXPECT_THAT(Ports("127.0.0.1:8080:80"), ElementsAre("127.0.0.1|8080|80|tcp"));
  EXPECT_THAT(Ports("127.0.0.1::80"), ElementsAre("127.0.0.1||80|tcp"));
  EXPECT_THAT(Ports("[::1]:8080:80"), ElementsAre("::1|8080|80|tcp"));
}

TEST(ParsePortsTest, PairsRangesAndKeepsARangeToChooseFrom) {
  EXPECT_THAT(Ports("90-91:80-81"), ElementsAre("|90|80|tcp", "|91|81|tcp"));
  EXPECT_THAT(Ports("80-81"), ElementsAre("||80|tcp", "||81|tcp"));
  EXPECT_THAT(Ports("8080-8090:80"), ElementsAre("|8080-8090|80|tcp"));
}

TEST(ParsePortsTest, RefusesWhatIsNoPort) {
  for (const char* text :
       {"", "x", "0", "65536", "80/icmp", "90-92:80-81", "2-1", "-80", "a:1:2", "1:2:3:4:5"}) {
    EXPECT_THAT(Ports(text), ElementsAre("malformed")) << text;
  }
}

TEST(SplitWordsTest, UnquotesLikeAShell) {
  EXPECT_THAT(SplitWords(R"(a  'b c' "d \"e\" \n" f\ g h""i)"),
              Optional(ElementsAre("a", "b c", R"(d "e" \n)", "f g", "hi")));
  EXPECT_THAT(SplitWords("''"), Optional(ElementsAre("")));
  EXPECT_THAT(SplitWords("  "), Optional(IsEmpty()));
  EXPECT_EQ(SplitWords("'open"), std::nullopt);
}

}  // namespace
}  // namespace nopo
