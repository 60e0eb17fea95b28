using System.Text;

namespace Umo
{
    /// <summary>Text of others, for a message to people.</summary>
    internal static class OneLine
    {
        public static string Of(string text)
        {
            var line = new StringBuilder(text.Length);
            foreach (char letter in text)
            {
                line.Append(char.IsControl(letter) ? ' ' : letter);
            }
            return line.ToString().Trim();
        }
    }
}
